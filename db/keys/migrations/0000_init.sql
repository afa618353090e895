CREATE TABLE "wrapped_key" (
	"scope_id" uuid NOT NULL,
	"owner_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"version" integer NOT NULL,
	"wrapper" text NOT NULL,
	"wrapper_id" uuid NOT NULL,
	"wrapper_version" integer NOT NULL,
	"wrapped" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "wrapped_key_scope_id_owner_id_purpose_version_wrapper_wrapper_id_pk" PRIMARY KEY("scope_id","owner_id","purpose","version","wrapper","wrapper_id")
);
