CREATE TABLE "address_group" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"domain_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"posting" text DEFAULT 'anyone' NOT NULL,
	"sealed" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "address_group_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "dkim_key" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"domain_id" uuid NOT NULL,
	"selector" text NOT NULL,
	"algorithm" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"public_key" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"state_at" timestamp with time zone DEFAULT now() NOT NULL,
	"published_at" timestamp with time zone,
	CONSTRAINT "dkim_key_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "dkim_selector" UNIQUE("tenant_id","domain_id","selector")
);
--> statement-breakpoint
CREATE TABLE "dns_check" (
	"tenant_id" uuid NOT NULL,
	"domain_id" uuid NOT NULL,
	"record" text NOT NULL,
	"state" text NOT NULL,
	"found" text,
	"checked_at" timestamp with time zone NOT NULL,
	CONSTRAINT "dns_check_tenant_id_domain_id_record_pk" PRIMARY KEY("tenant_id","domain_id","record")
);
--> statement-breakpoint
CREATE TABLE "group_member" (
	"tenant_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"account_id" uuid,
	"address_sealed" "bytea",
	"address_hash" "bytea",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "group_member_tenant_id_group_id_id_pk" PRIMARY KEY("tenant_id","group_id","id"),
	CONSTRAINT "group_member_account" UNIQUE("tenant_id","group_id","account_id"),
	CONSTRAINT "group_member_address" UNIQUE("tenant_id","group_id","address_hash"),
	CONSTRAINT "group_member_one" CHECK (("group_member"."account_id" is null) <> ("group_member"."address_sealed" is null))
);
--> statement-breakpoint
CREATE TABLE "log_key" (
	"day" integer PRIMARY KEY NOT NULL,
	"public_key" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mail_policy" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"spam" text DEFAULT 'junk' NOT NULL,
	"junk_score_tenths" integer DEFAULT 60 NOT NULL,
	"reject_score_tenths" integer DEFAULT 150 NOT NULL,
	"greylist" text DEFAULT 'off' NOT NULL,
	"dmarc" text DEFAULT 'obey' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pool_of_reseller" (
	"reseller_id" uuid PRIMARY KEY NOT NULL,
	"pool" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "report_sent" (
	"kind" text NOT NULL,
	"day" date NOT NULL,
	"domain_hash" "bytea" NOT NULL,
	"sent_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "report_sent_kind_day_domain_hash_pk" PRIMARY KEY("kind","day","domain_hash")
);
--> statement-breakpoint
CREATE TABLE "send_cap" (
	"scope_id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"tenant_id" uuid,
	"reseller_id" uuid,
	"recipients_per_hour" integer NOT NULL,
	"recipients_per_day" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "send_count" (
	"scope_id" uuid NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"messages" integer DEFAULT 0 NOT NULL,
	"recipients" integer DEFAULT 0 NOT NULL,
	"bounces" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "send_count_scope_id_hour_pk" PRIMARY KEY("scope_id","hour")
);
--> statement-breakpoint
CREATE TABLE "send_freeze" (
	"scope_id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"tenant_id" uuid,
	"reseller_id" uuid,
	"cause" text NOT NULL,
	"frozen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sender_rule" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reseller_id" uuid,
	"tenant_id" uuid,
	"account_id" uuid,
	"action" text NOT NULL,
	"pattern_hash" "bytea" NOT NULL,
	"pattern_sealed" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sender_rule_once" UNIQUE NULLS NOT DISTINCT("reseller_id","tenant_id","account_id","pattern_hash"),
	CONSTRAINT "sender_rule_level" CHECK ("sender_rule"."account_id" is null or "sender_rule"."tenant_id" is not null),
	CONSTRAINT "sender_rule_scope" CHECK ("sender_rule"."tenant_id" is null or "sender_rule"."reseller_id" is null)
);
--> statement-breakpoint
CREATE TABLE "sending_pool" (
	"name" text PRIMARY KEY NOT NULL,
	"addresses" text[] NOT NULL,
	"helo_name" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "directory" ADD COLUMN "group_id" uuid;--> statement-breakpoint
ALTER TABLE "directory" ADD COLUMN "blocked" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "directory" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "directory" ADD COLUMN "created_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "domain" ADD COLUMN "catch_all_id" uuid;--> statement-breakpoint
ALTER TABLE "domain" ADD COLUMN "mta_sts" text DEFAULT 'testing' NOT NULL;--> statement-breakpoint
ALTER TABLE "address_group" ADD CONSTRAINT "address_group_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "address_group" ADD CONSTRAINT "group_domain_fk" FOREIGN KEY ("tenant_id","domain_id") REFERENCES "public"."domain"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dkim_key" ADD CONSTRAINT "dkim_domain_fk" FOREIGN KEY ("tenant_id","domain_id") REFERENCES "public"."domain"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dns_check" ADD CONSTRAINT "dns_check_domain_fk" FOREIGN KEY ("tenant_id","domain_id") REFERENCES "public"."domain"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_member" ADD CONSTRAINT "member_group_fk" FOREIGN KEY ("tenant_id","group_id") REFERENCES "public"."address_group"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_member" ADD CONSTRAINT "member_account_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."account"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mail_policy" ADD CONSTRAINT "mail_policy_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pool_of_reseller" ADD CONSTRAINT "pool_of_reseller_reseller_id_reseller_id_fk" FOREIGN KEY ("reseller_id") REFERENCES "public"."reseller"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pool_of_reseller" ADD CONSTRAINT "pool_of_reseller_pool_sending_pool_name_fk" FOREIGN KEY ("pool") REFERENCES "public"."sending_pool"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sender_rule" ADD CONSTRAINT "sender_rule_reseller_id_reseller_id_fk" FOREIGN KEY ("reseller_id") REFERENCES "public"."reseller"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sender_rule" ADD CONSTRAINT "sender_rule_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "send_count_hour" ON "send_count" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "sender_rule_pattern" ON "sender_rule" USING btree ("pattern_hash");