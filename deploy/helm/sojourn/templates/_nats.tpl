{{/* What each user of the broker may do, from the topology: its own subjects, its own consumers, its own inbox, and nothing else. */}}

{{/* `list $ name service`, as JSON. */}}
{{- define "sojourn.natsPermissions" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}
{{- $publish := $service.publishes -}}
{{- range $subject := $service.publishes -}}
  {{- if hasPrefix "events." $subject -}}{{- $publish = append $publish (printf "synthetic.%s" $subject) -}}{{- end -}}
{{- end -}}
{{- if $service.database.enabled -}}
  {{- $publish = concat $publish (list (printf "dead_letters.%s" $name) (printf "redrive.%s.>" $name)
      (printf "$JS.API.STREAM.INFO.DEAD_%s" $name) (printf "$JS.API.STREAM.MSG.GET.DEAD_%s" $name) (printf "$JS.API.STREAM.MSG.DELETE.DEAD_%s" $name)) -}}
{{- end -}}
{{- range $durable := fromYamlArray (include "sojourn.durables" (list $name $service)) -}}
  {{- $publish = concat $publish (list (printf "$JS.API.CONSUMER.INFO.%s" $durable) (printf "$JS.API.CONSUMER.MSG.NEXT.%s" $durable)
      (printf "$JS.ACK.%s.>" $durable)) -}}
{{- end -}}
{{- $subscribe := concat (list (printf "_INBOX_%s.>" $name)) $service.listens -}}
{{- if eq $root.Values.clock "virtual" -}}
  {{- $subscribe = append $subscribe "$KV.clock.>" -}}
  {{- $publish = concat $publish (list "$JS.API.STREAM.INFO.KV_clock" "$JS.API.DIRECT.GET.KV_clock.>" "$JS.API.STREAM.MSG.GET.KV_clock") -}}
{{- end -}}
{{- dict "publish" (dict "allow" $publish) "subscribe" (dict "allow" $subscribe) | toRawJson -}}
{{- end }}

{{/* `list name service`: `<stream>.<consumer>` of each place in a stream that the service takes from. */}}
{{- define "sojourn.durables" -}}
{{- $name := index . 0 -}}
{{- $durables := list -}}
{{- range $subject := (index . 1).consumes -}}
  {{- if hasPrefix "events." $subject -}}{{- $durables = append $durables (printf "EVENTS.%s" $name) -}}
  {{- else if hasPrefix "touchpoints." $subject -}}
    {{- $durables = append $durables (printf "TOUCHPOINTS.%s-%s" $name (trimPrefix "touchpoints." $subject)) -}}
  {{- end -}}
{{- end -}}
{{- $durables | uniq | toYaml -}}
{{- end }}

{{/* The user that makes streams and consumers. What serves can make none. */}}
{{- define "sojourn.natsMigratePermissions" -}}
{{- $calls := list "INFO" "STREAM.INFO.*" "STREAM.CREATE.*" "STREAM.UPDATE.*" "CONSUMER.INFO.*.*" "CONSUMER.DURABLE.CREATE.*.*" -}}
{{- $publish := list -}}
{{- range $calls -}}{{- $publish = append $publish (printf "$JS.API.%s" .) -}}{{- end -}}
{{- dict "publish" (dict "allow" $publish) "subscribe" (dict "allow" (list "_INBOX_migrate.>")) | toRawJson -}}
{{- end }}

{{/* The `authorization` block. Passwords are variables of the server's environment. */}}
{{- define "sojourn.natsUsers" -}}
users: [
{{- range $name, $service := fromJson (include "sojourn.services" .) }}
{{- if $service.broker }}
  {user: {{ $name }}, password: $QUOTED_{{ upper $name | replace "-" "_" }}, permissions: {{ include "sojourn.natsPermissions" (list $ $name $service) }}}
{{- end }}
{{- end }}
  {user: migrate, password: $QUOTED_MIGRATE, permissions: {{ include "sojourn.natsMigratePermissions" . }}}
]
{{- end }}
