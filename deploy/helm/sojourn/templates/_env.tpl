{{/* The environment of a service's containers. `list $ name service`. */}}

{{- define "sojourn.postgresHost" -}}
{{- if include "sojourn.switch" (list . .Values.bundled.postgres.enabled) -}}
{{ include "sojourn.fullname" (list . "postgres") }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}
{{- else -}}{{ .Values.database.host }}{{- end -}}
{{- end }}

{{- define "sojourn.natsHost" -}}
{{- if include "sojourn.switch" (list . .Values.bundled.nats.enabled) -}}
{{ include "sojourn.fullname" (list . "nats") }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}
{{- else -}}{{ .Values.nats.host }}{{- end -}}
{{- end }}

{{/* `list $ user variable`: kubelet puts the password in, so that only the Secret holds it. */}}
{{- define "sojourn.natsUrl" -}}
{{- $root := index . 0 -}}
{{- ternary "tls" "nats" $root.Values.nats.tls }}://{{ index . 1 }}:$({{ index . 2 }})@{{ include "sojourn.natsHost" $root }}:
{{- if include "sojourn.switch" (list $root $root.Values.bundled.nats.enabled) }}4222{{ else }}{{ $root.Values.nats.port }}{{ end }}
{{- end }}

{{- define "sojourn.otlpEndpoint" -}}
{{- if .Values.telemetry.otlpEndpoint -}}{{ .Values.telemetry.otlpEndpoint }}
{{- else -}}{{- with include "sojourn.url" (list . "sink" "http") }}{{ . }}/v1/traces{{ end -}}{{- end -}}
{{- end }}

{{- define "sojourn.env" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}
- {name: SERVICE_INSTANCE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: ENVIRONMENT, value: {{ $root.Values.environment | quote }}}
- {name: HOST, value: "0.0.0.0"}
- {name: LOG_LEVEL, value: {{ $root.Values.logLevel | quote }}}
- {name: CLOCK, value: {{ $root.Values.clock | quote }}}
- {name: DRAIN_SECONDS, value: {{ $service.drainSeconds | quote }}}
- {name: STOP_SECONDS, value: {{ $service.stopSeconds | quote }}}
{{- range $port, $number := $service.ports }}
{{- if $number }}
- {name: {{ upper $port }}_PORT, value: {{ $number | quote }}}
{{- end }}
{{- end }}
{{- range $call := $service.calls }}
{{- if and (not (contains "/" $call)) (include "sojourn.runs" (list $root $call)) }}
- {name: {{ upper $call }}_TARGET, value: "dns:///{{ include "sojourn.host" (list $root $call) }}:{{ (get (fromJson (include "sojourn.services" $root)) $call).ports.grpc }}"}
{{- end }}
{{- end }}
{{- with include "sojourn.otlpEndpoint" $root }}
- {name: OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
- {name: TRACE_SAMPLE_RATE, value: {{ $root.Values.telemetry.sampleRate | quote }}}
{{- with $root.Values.telemetry.resourceAttributes }}
{{- $attributes := list }}
{{- range $key, $value := . }}{{- $attributes = append $attributes (printf "%s=%s" $key $value) }}{{- end }}
- {name: OTEL_RESOURCE_ATTRIBUTES, value: {{ join "," $attributes | quote }}}
{{- end }}
{{- if $service.database.enabled }}
{{ include "sojourn.databaseEnv" (list $root $name $service "DATABASE") }}
- {name: DATABASE_POOL_SIZE, value: {{ $service.database.poolSize | quote }}}
{{- end }}
{{- if $service.broker }}
- {name: NATS_PASSWORD, valueFrom: { {{- include "sojourn.secretRef" (list $root $name "NATS_PASSWORD") -}} }}
- {name: NATS_URL, value: "{{ include "sojourn.natsUrl" (list $root $name "NATS_PASSWORD") }}"}
{{- end }}
{{- if $service.client.enabled }}
- {name: CLIENT_ID, value: {{ $name }}}
- {name: CLIENT_SECRET, valueFrom: { {{- include "sojourn.secretRef" (list $root $name "CLIENT_SECRET") -}} }}
{{- end }}
{{- if eq $name "identity" }}
{{ include "sojourn.clientsEnv" $root }}
{{- end }}
{{- range $variable, $value := $service.env }}
{{- with tpl (toString $value) $root }}
- {name: {{ $variable }}, value: {{ . | quote }}}
{{- end }}
{{- end }}
{{- range $variable, $from := $service.secretEnv }}
{{- if include "sojourn.needed" (list $root $from.only) }}
- {name: {{ $variable }}, valueFrom: { {{- include "sojourn.secretRef" (list $root (ternary "shared" $name ($from.shared | default false)) $variable) -}} }}
{{- end }}
{{- end }}
{{- with $service.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What only the migration gets: the owner of the tables, and the broker's user who makes streams. */}}
{{- define "sojourn.migrateEnv" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}
{{ include "sojourn.databaseEnv" (list $root $name $service "MIGRATE_DATABASE") }}
{{- if $root.Values.database.contractMigrations }}
- {name: MIGRATE_CONTRACT, value: "true"}
{{- end }}
{{- if $service.broker }}
- {name: MIGRATE_NATS_PASSWORD, valueFrom: { {{- include "sojourn.secretRef" (list $root "shared" "MIGRATE_NATS_PASSWORD") -}} }}
- {name: MIGRATE_NATS_URL, value: "{{ include "sojourn.natsUrl" (list $root "migrate" "MIGRATE_NATS_PASSWORD") }}"}
- {name: EVENT_REPLICAS, value: {{ $root.Values.nats.streamReplicas | quote }}}
{{- end }}
{{- end }}

{{/* `list $ name service "DATABASE"|"MIGRATE_DATABASE"` */}}
{{- define "sojourn.databaseEnv" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}{{- $kind := index . 3 -}}
{{- $migrates := eq $kind "MIGRATE_DATABASE" -}}
{{- $from := ternary $service.database.migrateUrlFrom $service.database.urlFrom $migrates -}}
{{- $isBundled := include "sojourn.switch" (list $root $root.Values.bundled.postgres.enabled) -}}
{{- if $from -}}
- {name: {{ $kind }}_URL, valueFrom: {secretKeyRef: {name: {{ $from.name }}, key: {{ $from.key }}}}}
{{- else -}}
{{- $base := $service.database.user | default $name -}}
{{- $user := ternary ($service.database.owner | default (printf "%s_owner" $base)) $base $migrates -}}
{{- $host := include "sojourn.postgresHost" $root -}}{{- $port := ternary 5432 $root.Values.database.port (eq $isBundled "true") -}}
{{- if and $migrates (not $isBundled) $root.Values.database.directHost -}}
{{- $host = $root.Values.database.directHost -}}{{- $port = $root.Values.database.directPort -}}
{{- end -}}
- {name: {{ $kind }}_PASSWORD, valueFrom: { {{- include "sojourn.secretRef" (list $root $name (printf "%s_PASSWORD" $kind)) -}} }}
- {name: {{ $kind }}_URL, value: "postgresql://{{ $user }}:$({{ $kind }}_PASSWORD)@{{ $host }}:{{ $port }}/{{ $service.database.name | default $name }}
{{- with $root.Values.database.parameters }}?{{ . }}{{ end }}"}
{{- end -}}
{{- end }}

{{/* Identity knows every client's secret and scopes; each secret stays in its own service's Secret. */}}
{{- define "sojourn.clientsEnv" -}}
{{- $root := . -}}
{{- $clients := dict -}}
{{- range $name, $service := fromJson (include "sojourn.services" .) }}
{{- if $service.client.enabled }}
{{- $variable := printf "CLIENT_SECRET_%s" (upper $name | replace "-" "_") }}
{{- $_ := set $clients $name (dict "secret" (printf "$(%s)" $variable) "scopes" $service.client.scopes "acts_at" $service.client.actsAt "acts_unattended" $service.client.actsUnattended) }}
- {name: {{ $variable }}, valueFrom: { {{- include "sojourn.secretRef" (list $root $name "CLIENT_SECRET") -}} }}
{{- end }}
{{- end }}
- {name: SERVICE_CLIENTS, value: {{ toJson $clients | quote }}}
{{- end }}
