{{/*
The databases and roles of all services, as psql runs them; idempotent. Each service has a database of its own, a role that owns the tables
(migrations) and a role that serves: rows, but no DDL. Nobody else may connect.
*/}}
{{- define "sojourn.databasesSql" -}}
\set ON_ERROR_STOP on
SELECT pg_advisory_lock(7310001) \g /dev/null
{{- range $name, $service := fromJson (include "sojourn.services" .) }}
{{- if $service.database.enabled }}
{{- $database := $service.database.name | default $name }}
{{- $role := $service.database.user | default $name }}
{{- $owner := $service.database.owner | default (printf "%s_owner" $role) }}
{{- $variable := upper $name | replace "-" "_" }}
{{- range $user := list $role $owner }}
SELECT format('CREATE ROLE %I NOLOGIN', '{{ $user }}') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{{ $user }}') \gexec
{{- end }}
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LOCALE %L', '{{ $database }}', '{{ $owner }}', 'UTF8', 'C.UTF-8') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{{ $database }}') \gexec
REVOKE ALL ON DATABASE "{{ $database }}" FROM PUBLIC;
GRANT CONNECT ON DATABASE "{{ $database }}" TO "{{ $role }}", "{{ $owner }}";
\connect "{{ $database }}"
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO "{{ $role }}";
GRANT USAGE, CREATE ON SCHEMA public TO "{{ $owner }}";
ALTER DEFAULT PRIVILEGES FOR ROLE "{{ $owner }}" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{{ $role }}";
ALTER DEFAULT PRIVILEGES FOR ROLE "{{ $owner }}" GRANT USAGE, SELECT ON SEQUENCES TO "{{ $role }}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{{ $role }}";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{{ $role }}";
\connect postgres
-- Last, so that no migration begins before its tables are open to the role that serves.
\getenv password {{ $variable }}_PASSWORD
ALTER ROLE "{{ $role }}" LOGIN PASSWORD :'password';
\getenv password {{ $variable }}_OWNER_PASSWORD
ALTER ROLE "{{ $owner }}" LOGIN PASSWORD :'password';
{{- end }}
{{- end }}
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
{{- end }}
