CREATE TABLE "access_token" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"hash" "bytea" NOT NULL,
	"label_sealed" "bytea" NOT NULL,
	"address_sealed" "bytea" NOT NULL,
	"protocols" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "access_token_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "access_token_hash_unique" UNIQUE("hash"),
	CONSTRAINT "access_token_hash_size" CHECK (length("access_token"."hash") = 32)
);
--> statement-breakpoint
ALTER TABLE "access_token" ADD CONSTRAINT "access_token_account_fk" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."account"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "access_token_account" ON "access_token" USING btree ("tenant_id","account_id");--> statement-breakpoint
CREATE INDEX "access_token_expiry" ON "access_token" USING btree ("expires_at");