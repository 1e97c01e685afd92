{{/* Secrets: which keys each needs, where they come from, and what they hold where they are generated. */}}

{{/* Whether a reference with `only` is needed. */}}
{{- define "sojourn.needed" -}}
{{- $root := index . 0 -}}{{- $only := index . 1 | default "always" -}}
{{- if eq $only "always" -}}true
{{- else if eq $only "staff" -}}{{- if $root.Values.staff.email -}}true{{- end -}}
{{- else if eq $only "smtp-login" -}}{{- if and $root.Values.mail.host $root.Values.mail.user -}}true{{- end -}}
{{- else if eq $only "synthetic" -}}{{- if $root.Values.synthetic.enabled -}}true{{- end -}}
{{- else if eq $only "simulator" -}}{{- include "sojourn.runs" (list $root "simulator") -}}
{{- else if eq $only "back-stage" -}}{{- if or $root.Values.telemetry.metricsFromCollector (include "sojourn.runs" (list $root "sink")) -}}true{{- end -}}
{{- end -}}
{{- end }}

{{/* All Secrets of the release as YAML: {owner: {KEY: kind}}, owner being a service, `shared` or `postgres`. */}}
{{- define "sojourn.secretKeys" -}}
{{- $root := . -}}
{{- $keys := dict "shared" dict -}}
{{- if include "sojourn.switch" (list . .Values.bundled.postgres.enabled) -}}{{- $_ := set $keys "postgres" (dict "POSTGRES_PASSWORD" "token") -}}{{- end -}}
{{- range $name, $service := fromJson (include "sojourn.services" .) -}}
  {{- $own := dict -}}
  {{- if $service.database.enabled -}}
    {{- if not $service.database.urlFrom -}}{{- $_ := set $own "DATABASE_PASSWORD" "token" -}}{{- end -}}
    {{- if not $service.database.migrateUrlFrom -}}{{- $_ := set $own "MIGRATE_DATABASE_PASSWORD" "token" -}}{{- end -}}
    {{- if $service.broker -}}{{- $_ := set $keys.shared "MIGRATE_NATS_PASSWORD" "token" -}}{{- end -}}
  {{- end -}}
  {{- if $service.broker -}}{{- $_ := set $own "NATS_PASSWORD" "token" -}}{{- end -}}
  {{- if $service.client.enabled -}}{{- $_ := set $own "CLIENT_SECRET" "token" -}}{{- end -}}
  {{- range $variable, $from := $service.secretEnv -}}
    {{- if include "sojourn.needed" (list $root $from.only) -}}
      {{- $_ := set (ternary $keys.shared $own ($from.shared | default false)) $variable ($from.kind | default "token") -}}
    {{- end -}}
  {{- end -}}
  {{- if $own -}}{{- $_ := set $keys $name $own -}}{{- end -}}
{{- end -}}
{{- toYaml $keys -}}
{{- end }}

{{/* `list $ owner`: the name of its Secret. */}}
{{- define "sojourn.secretName" -}}
{{- $root := index . 0 -}}
{{- get $root.Values.secrets.existing (index . 1) | default (include "sojourn.fullname" .) -}}
{{- end }}

{{- define "sojourn.generates" -}}
{{- include "sojourn.switch" (list . .Values.bundled.secrets) -}}
{{- end }}

{{/*
Fills .Values.generated once per rendering: base64 values by owner and key. What the cluster has already stays as it is. It is kept among the
values because every template of one rendering shares them, and a random value must be the same in the Secret and in the pods' checksum.
*/}}
{{- define "sojourn.generate" -}}
{{- if not (hasKey .Values "generated") -}}
  {{- $root := . -}}
  {{- $generated := dict -}}
  {{- range $owner, $keys := fromYaml (include "sojourn.secretKeys" .) -}}
    {{- if not (get $root.Values.secrets.existing $owner) -}}
      {{- $there := lookup "v1" "Secret" $root.Release.Namespace (include "sojourn.secretName" (list $root $owner)) -}}
      {{- $data := deepCopy ($there.data | default dict) -}}
      {{- range $key, $kind := $keys -}}
        {{- if not (hasKey $data $key) -}}
          {{- $value := randAlphaNum 32 | printf "s%s" | b64enc -}}
          {{- if eq $kind "encryption-key" -}}{{- $value = randBytes 32 | replace "+" "-" | replace "/" "_" | b64enc -}}{{- end -}}
          {{- $_ := set $data $key $value -}}
        {{- end -}}
      {{- end -}}
      {{- $_ := set $generated $owner $data -}}
    {{- end -}}
  {{- end -}}
  {{- $_ := set .Values "generated" $generated -}}
{{- end -}}
{{- end }}

{{/* `list $ owner`: changes with what the Secret holds, as far as this rendering can see it. */}}
{{- define "sojourn.secretChecksum" -}}
{{- $root := index . 0 -}}{{- $owner := index . 1 -}}
{{- $data := dict -}}
{{- if and (include "sojourn.generates" $root) (not (get $root.Values.secrets.existing $owner)) -}}
  {{- include "sojourn.generate" $root -}}
  {{- $data = get $root.Values.generated $owner | default dict -}}
{{- else -}}
  {{- $data = (lookup "v1" "Secret" $root.Release.Namespace (include "sojourn.secretName" .)).data | default dict -}}
{{- end -}}
{{- toJson $data | sha256sum | trunc 16 -}}
{{- end }}

{{/* `list $ owner key`: a variable's source. */}}
{{- define "sojourn.secretRef" -}}
secretKeyRef: {name: {{ include "sojourn.secretName" . }}, key: {{ index . 2 }}}
{{- end }}
