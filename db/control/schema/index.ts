export * from '#db/control/schema/access'
export * from '#db/control/schema/mailing'
export * from '#db/control/schema/tenancy'
