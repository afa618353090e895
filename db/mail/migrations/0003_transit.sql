CREATE TABLE "accepted" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"accepted_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "accepted_tenant_id_account_id_key_hash_pk" PRIMARY KEY("tenant_id","account_id","key_hash")
);
--> statement-breakpoint
CREATE TABLE "delivery_rule" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "delivery_rule_tenant_id_account_id_kind_pk" PRIMARY KEY("tenant_id","account_id","kind")
);
--> statement-breakpoint
CREATE TABLE "destination" (
	"domain_hash" "bytea" PRIMARY KEY NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"paused_until" timestamp with time zone,
	"policy_sealed" "bytea",
	"policy_until" timestamp with time zone,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "greylist" (
	"tenant_id" uuid NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"first_at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"passes" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "greylist_tenant_id_key_hash_pk" PRIMARY KEY("tenant_id","key_hash")
);
--> statement-breakpoint
CREATE TABLE "quarantined" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"folder_id" uuid NOT NULL,
	"uid" bigint NOT NULL,
	"cause" text NOT NULL,
	"arrived_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "quarantined_tenant_id_account_id_folder_id_uid_pk" PRIMARY KEY("tenant_id","account_id","folder_id","uid")
);
--> statement-breakpoint
CREATE TABLE "receipt" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"trace_id" uuid NOT NULL,
	"message_hash" "bytea" NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"wrapped_key" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "receipt_tenant_id_account_id_id_pk" PRIMARY KEY("tenant_id","account_id","id")
);
--> statement-breakpoint
CREATE TABLE "report" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"domain_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"report_hash" "bytea" NOT NULL,
	"begin_day" date NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "report_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "report_once" UNIQUE("tenant_id","report_hash")
);
--> statement-breakpoint
CREATE TABLE "suppression" (
	"tenant_id" uuid NOT NULL,
	"address_hash" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	"cause" text NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "suppression_tenant_id_address_hash_pk" PRIMARY KEY("tenant_id","address_hash")
);
--> statement-breakpoint
CREATE TABLE "trace" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"key_id" uuid NOT NULL,
	"trace_id" uuid NOT NULL,
	"account_id" uuid,
	"day" integer NOT NULL,
	"direction" text NOT NULL,
	"step" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "trace_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "trace_key" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"day" integer NOT NULL,
	"wrapped" "bytea" NOT NULL,
	CONSTRAINT "trace_key_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "outbound" ADD COLUMN "origin" text DEFAULT 'account' NOT NULL;--> statement-breakpoint
ALTER TABLE "outbound" ADD COLUMN "trace_id" uuid;--> statement-breakpoint
ALTER TABLE "outbound_recipient" ADD COLUMN "destination_hash" "bytea";--> statement-breakpoint
ALTER TABLE "outbound_recipient" ADD COLUMN "state" text DEFAULT 'waiting' NOT NULL;--> statement-breakpoint
ALTER TABLE "outbound_recipient" ADD COLUMN "delay_told" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "outbound_recipient" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "outbound_recipient" ADD COLUMN "route_sealed" "bytea";--> statement-breakpoint
ALTER TABLE "delivery_rule" ADD CONSTRAINT "delivery_rule_mailbox_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."mailbox"("tenant_id","account_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quarantined" ADD CONSTRAINT "quarantined_folder_fk" FOREIGN KEY ("tenant_id","folder_id") REFERENCES "public"."folder"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipt" ADD CONSTRAINT "receipt_mailbox_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."mailbox"("tenant_id","account_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trace" ADD CONSTRAINT "trace_key_fk" FOREIGN KEY ("tenant_id","key_id") REFERENCES "public"."trace_key"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "accepted_age" ON "accepted" USING btree ("accepted_at");--> statement-breakpoint
CREATE INDEX "greylist_age" ON "greylist" USING btree ("last_at");--> statement-breakpoint
CREATE INDEX "quarantined_age" ON "quarantined" USING btree ("arrived_at");--> statement-breakpoint
CREATE INDEX "receipt_message" ON "receipt" USING btree ("tenant_id","account_id","message_hash");--> statement-breakpoint
CREATE INDEX "report_domain" ON "report" USING btree ("tenant_id","domain_id","begin_day");--> statement-breakpoint
CREATE INDEX "suppression_expiry" ON "suppression" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "trace_recent" ON "trace" USING btree ("tenant_id","at");--> statement-breakpoint
CREATE INDEX "trace_message" ON "trace" USING btree ("tenant_id","trace_id");--> statement-breakpoint
CREATE INDEX "trace_account" ON "trace" USING btree ("tenant_id","account_id","at");--> statement-breakpoint
CREATE INDEX "trace_day" ON "trace" USING btree ("day");--> statement-breakpoint
CREATE INDEX "trace_key_day" ON "trace_key" USING btree ("day");--> statement-breakpoint
CREATE INDEX "outbound_account" ON "outbound" USING btree ("tenant_id","account_id");