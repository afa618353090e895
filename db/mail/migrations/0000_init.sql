CREATE TABLE "body" (
	"tenant_id" uuid NOT NULL,
	"email_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"wrapped_key" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "body_tenant_id_email_id_pk" PRIMARY KEY("tenant_id","email_id")
);
--> statement-breakpoint
CREATE TABLE "change" (
	"tenant_id" uuid NOT NULL,
	"folder_id" uuid NOT NULL,
	"modseq" bigint NOT NULL,
	"kind" text NOT NULL,
	"uid_runs" bigint[] NOT NULL,
	CONSTRAINT "change_tenant_id_folder_id_modseq_kind_pk" PRIMARY KEY("tenant_id","folder_id","modseq","kind")
);
--> statement-breakpoint
CREATE TABLE "deleted_message" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"document" bigint NOT NULL,
	"email_id" uuid NOT NULL,
	"flags" integer NOT NULL,
	"size" integer NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"deleted_at" timestamp with time zone NOT NULL,
	"purge_at" timestamp with time zone NOT NULL,
	"meta_sealed" "bytea" NOT NULL,
	CONSTRAINT "deleted_message_tenant_id_account_id_document_pk" PRIMARY KEY("tenant_id","account_id","document")
);
--> statement-breakpoint
CREATE TABLE "folder" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"name_hash" "bytea" NOT NULL,
	"name_sealed" "bytea" NOT NULL,
	"special_use" text,
	"subscribed" boolean DEFAULT true NOT NULL,
	"uid_validity" bigint NOT NULL,
	"uid_next" bigint DEFAULT 1 NOT NULL,
	"modseq" bigint DEFAULT 1 NOT NULL,
	"messages" integer DEFAULT 0 NOT NULL,
	"unseen" integer DEFAULT 0 NOT NULL,
	"size" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "folder_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "folder_name" UNIQUE("tenant_id","account_id","name_hash")
);
--> statement-breakpoint
CREATE TABLE "keyword" (
	"tenant_id" uuid NOT NULL,
	"folder_id" uuid NOT NULL,
	"bit" smallint NOT NULL,
	"name_hash" "bytea" NOT NULL,
	"name_sealed" "bytea" NOT NULL,
	CONSTRAINT "keyword_tenant_id_folder_id_bit_pk" PRIMARY KEY("tenant_id","folder_id","bit"),
	CONSTRAINT "keyword_name" UNIQUE("tenant_id","folder_id","name_hash")
);
--> statement-breakpoint
CREATE TABLE "mailbox" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"next_document" bigint DEFAULT 1 NOT NULL,
	"next_uid_validity" bigint NOT NULL,
	"used_bytes" bigint DEFAULT 0 NOT NULL,
	"messages" integer DEFAULT 0 NOT NULL,
	"quota_bytes" bigint NOT NULL,
	"recover_days" integer NOT NULL,
	CONSTRAINT "mailbox_tenant_id_account_id_pk" PRIMARY KEY("tenant_id","account_id")
);
--> statement-breakpoint
CREATE TABLE "message" (
	"tenant_id" uuid NOT NULL,
	"folder_id" uuid NOT NULL,
	"uid" bigint NOT NULL,
	"email_id" uuid NOT NULL,
	"document" bigint NOT NULL,
	"flags" integer DEFAULT 0 NOT NULL,
	"modseq" bigint NOT NULL,
	"size" integer NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	CONSTRAINT "message_tenant_id_folder_id_uid_pk" PRIMARY KEY("tenant_id","folder_id","uid")
);
--> statement-breakpoint
CREATE TABLE "meta_row" (
	"tenant_id" uuid NOT NULL,
	"folder_id" uuid NOT NULL,
	"uid" bigint NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "meta_row_tenant_id_folder_id_uid_pk" PRIMARY KEY("tenant_id","folder_id","uid")
);
--> statement-breakpoint
CREATE TABLE "outbound" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"wrapped_key" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	"queued_at" timestamp with time zone NOT NULL,
	CONSTRAINT "outbound_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "outbound_recipient" (
	"tenant_id" uuid NOT NULL,
	"queue_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"recipient_sealed" "bytea" NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"lease_token" bigint DEFAULT 0 NOT NULL,
	"last_code" integer,
	CONSTRAINT "outbound_recipient_tenant_id_queue_id_position_pk" PRIMARY KEY("tenant_id","queue_id","position")
);
--> statement-breakpoint
ALTER TABLE "body" ADD CONSTRAINT "body_mailbox_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."mailbox"("tenant_id","account_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "change" ADD CONSTRAINT "change_folder_fk" FOREIGN KEY ("tenant_id","folder_id") REFERENCES "public"."folder"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deleted_message" ADD CONSTRAINT "deleted_body_fk" FOREIGN KEY ("tenant_id","email_id") REFERENCES "public"."body"("tenant_id","email_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "folder" ADD CONSTRAINT "folder_mailbox_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."mailbox"("tenant_id","account_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "keyword" ADD CONSTRAINT "keyword_folder_fk" FOREIGN KEY ("tenant_id","folder_id") REFERENCES "public"."folder"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message" ADD CONSTRAINT "message_folder_fk" FOREIGN KEY ("tenant_id","folder_id") REFERENCES "public"."folder"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message" ADD CONSTRAINT "message_body_fk" FOREIGN KEY ("tenant_id","email_id") REFERENCES "public"."body"("tenant_id","email_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "meta_row" ADD CONSTRAINT "meta_message_fk" FOREIGN KEY ("tenant_id","folder_id","uid") REFERENCES "public"."message"("tenant_id","folder_id","uid") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbound_recipient" ADD CONSTRAINT "recipient_outbound_fk" FOREIGN KEY ("tenant_id","queue_id") REFERENCES "public"."outbound"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deleted_purge" ON "deleted_message" USING btree ("tenant_id","purge_at");--> statement-breakpoint
CREATE INDEX "deleted_email" ON "deleted_message" USING btree ("tenant_id","email_id");--> statement-breakpoint
CREATE INDEX "message_email" ON "message" USING btree ("tenant_id","email_id");--> statement-breakpoint
CREATE INDEX "outbound_due" ON "outbound_recipient" USING btree ("due_at");