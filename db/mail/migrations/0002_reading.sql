CREATE TABLE "annotation" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"folder_id" uuid,
	"entry_hash" "bytea" NOT NULL,
	"entry_sealed" "bytea" NOT NULL,
	"value_sealed" "bytea" NOT NULL,
	CONSTRAINT "annotation_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "annotation_entry" UNIQUE NULLS NOT DISTINCT("tenant_id","account_id","folder_id","entry_hash")
);
--> statement-breakpoint
CREATE TABLE "folder_grant" (
	"tenant_id" uuid NOT NULL,
	"folder_id" uuid NOT NULL,
	"grantee_id" uuid NOT NULL,
	"owner_id" uuid NOT NULL,
	"rights" text NOT NULL,
	"grantee_sealed" "bytea" NOT NULL,
	"owner_sealed" "bytea" NOT NULL,
	"subscribed" boolean DEFAULT false NOT NULL,
	CONSTRAINT "folder_grant_tenant_id_folder_id_grantee_id_pk" PRIMARY KEY("tenant_id","folder_id","grantee_id")
);
--> statement-breakpoint
CREATE TABLE "intake" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"folder_id" uuid NOT NULL,
	"uid" bigint NOT NULL,
	"envelope_sealed" "bytea" NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"arrived_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "intake_tenant_id_account_id_uid_pk" PRIMARY KEY("tenant_id","account_id","uid")
);
--> statement-breakpoint
CREATE TABLE "meta_page" (
	"tenant_id" uuid NOT NULL,
	"folder_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"first_uid" bigint NOT NULL,
	"last_uid" bigint NOT NULL,
	"uid_runs" bigint[] NOT NULL,
	"envelope" "bytea" NOT NULL,
	"bodystructure" "bytea" NOT NULL,
	"header" "bytea" NOT NULL,
	"preview" "bytea" NOT NULL,
	CONSTRAINT "meta_page_tenant_id_folder_id_id_pk" PRIMARY KEY("tenant_id","folder_id","id")
);
--> statement-breakpoint
CREATE TABLE "sieve_memory" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "sieve_memory_tenant_id_account_id_kind_key_hash_pk" PRIMARY KEY("tenant_id","account_id","kind","key_hash")
);
--> statement-breakpoint
CREATE TABLE "sieve_script" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name_hash" "bytea" NOT NULL,
	"name_sealed" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	"size" integer NOT NULL,
	"active" boolean DEFAULT false NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "sieve_script_tenant_id_account_id_id_pk" PRIMARY KEY("tenant_id","account_id","id"),
	CONSTRAINT "sieve_script_name" UNIQUE("tenant_id","account_id","name_hash")
);
--> statement-breakpoint
ALTER TABLE "folder" ADD COLUMN "url_key_sealed" "bytea";--> statement-breakpoint
ALTER TABLE "mailbox" ADD COLUMN "intake_id" uuid;--> statement-breakpoint
ALTER TABLE "message" ADD COLUMN "saved_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "annotation" ADD CONSTRAINT "annotation_mailbox_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."mailbox"("tenant_id","account_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "annotation" ADD CONSTRAINT "annotation_folder_fk" FOREIGN KEY ("tenant_id","folder_id") REFERENCES "public"."folder"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "folder_grant" ADD CONSTRAINT "grant_folder_fk" FOREIGN KEY ("tenant_id","folder_id") REFERENCES "public"."folder"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "intake" ADD CONSTRAINT "intake_message_fk" FOREIGN KEY ("tenant_id","folder_id","uid") REFERENCES "public"."message"("tenant_id","folder_id","uid") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "meta_page" ADD CONSTRAINT "meta_page_folder_fk" FOREIGN KEY ("tenant_id","folder_id") REFERENCES "public"."folder"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sieve_memory" ADD CONSTRAINT "sieve_memory_mailbox_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."mailbox"("tenant_id","account_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sieve_script" ADD CONSTRAINT "sieve_mailbox_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."mailbox"("tenant_id","account_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "folder_grant_grantee" ON "folder_grant" USING btree ("tenant_id","grantee_id");--> statement-breakpoint
CREATE INDEX "meta_page_range" ON "meta_page" USING btree ("tenant_id","folder_id","last_uid");