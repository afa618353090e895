CREATE TABLE "audit" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"reseller_id" uuid,
	"tenant_id" uuid,
	"account_id" uuid,
	"actor_kind" text NOT NULL,
	"actor_id" uuid,
	"action" text NOT NULL,
	"outcome" text NOT NULL,
	"intent_id" uuid,
	"facts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"sealed" "bytea",
	"sealed_for" text,
	CONSTRAINT "audit_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "credential" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"hash" text NOT NULL,
	"label_sealed" "bytea",
	"protocols" text[] DEFAULT '{imap,pop3,submission,web}' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "credential_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "intent" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reseller_id" uuid,
	"tenant_id" uuid,
	"account_id" uuid,
	"action" text NOT NULL,
	"input" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"tenant_id" uuid,
	"account_id" uuid,
	"staff_id" uuid,
	"epoch" integer NOT NULL,
	"device_sealed" "bytea",
	"key_wrapped" "bytea",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_failure" (
	"key_hash" "bytea" NOT NULL,
	"window_start" timestamp with time zone NOT NULL,
	"failures" integer NOT NULL,
	CONSTRAINT "sign_in_failure_key_hash_window_start_pk" PRIMARY KEY("key_hash","window_start")
);
--> statement-breakpoint
CREATE TABLE "staff" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"reseller_id" uuid,
	"email_hash" "bytea" NOT NULL,
	"profile_sealed" "bytea" NOT NULL,
	"password_hash" text NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"sign_in_epoch" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "staff_email_hash_unique" UNIQUE("email_hash")
);
--> statement-breakpoint
CREATE TABLE "account" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"region" text NOT NULL,
	"role" text DEFAULT 'member' NOT NULL,
	"state" text NOT NULL,
	"mode" text DEFAULT 'managed' NOT NULL,
	"profile_sealed" "bytea",
	"public_key" "bytea" NOT NULL,
	"key_version" integer NOT NULL,
	"recover_days" integer NOT NULL,
	"quota_bytes" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closing_until" timestamp with time zone,
	"closed_at" timestamp with time zone,
	"sign_in_epoch" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "account_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "directory" (
	"address_hash" "bytea" PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"account_id" uuid,
	"kind" text NOT NULL,
	"domain_id" uuid NOT NULL,
	"free_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "domain" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"state" text DEFAULT 'unverified' NOT NULL,
	"proof_token" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"verified_at" timestamp with time zone,
	CONSTRAINT "domain_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "domain_of_tenant" UNIQUE("tenant_id","name")
);
--> statement-breakpoint
CREATE TABLE "region" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"legal_entity" text NOT NULL,
	"jurisdiction" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reseller" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name_sealed" "bytea" NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"seats_cap" integer NOT NULL,
	"storage_cap_bytes" bigint,
	"domains_cap" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenant" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reseller_id" uuid NOT NULL,
	"region" text NOT NULL,
	"name_sealed" "bytea" NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"seats_cap" integer NOT NULL,
	"seats_reserved" boolean NOT NULL,
	"storage_cap_bytes" bigint,
	"domains_cap" integer,
	"recover_days" integer NOT NULL,
	"queue_public_key" "bytea" NOT NULL,
	"queue_key_version" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "credential" ADD CONSTRAINT "credential_account_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."account"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff" ADD CONSTRAINT "staff_reseller_id_reseller_id_fk" FOREIGN KEY ("reseller_id") REFERENCES "public"."reseller"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_region_region_id_fk" FOREIGN KEY ("region") REFERENCES "public"."region"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "directory" ADD CONSTRAINT "directory_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "domain" ADD CONSTRAINT "domain_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant" ADD CONSTRAINT "tenant_reseller_id_reseller_id_fk" FOREIGN KEY ("reseller_id") REFERENCES "public"."reseller"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant" ADD CONSTRAINT "tenant_region_region_id_fk" FOREIGN KEY ("region") REFERENCES "public"."region"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_account" ON "audit" USING btree ("tenant_id","account_id","seq");--> statement-breakpoint
CREATE INDEX "audit_tenant" ON "audit" USING btree ("tenant_id","seq");--> statement-breakpoint
CREATE INDEX "audit_reseller" ON "audit" USING btree ("reseller_id","seq");--> statement-breakpoint
CREATE INDEX "audit_intent" ON "audit" USING btree ("intent_id");--> statement-breakpoint
CREATE INDEX "credential_account" ON "credential" USING btree ("tenant_id","account_id");--> statement-breakpoint
CREATE INDEX "intent_open" ON "intent" USING btree ("due_at") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "session_account" ON "session" USING btree ("tenant_id","account_id");--> statement-breakpoint
CREATE INDEX "session_expiry" ON "session" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "directory_account" ON "directory" USING btree ("tenant_id","account_id");--> statement-breakpoint
CREATE INDEX "tenant_reseller" ON "tenant" USING btree ("reseller_id");