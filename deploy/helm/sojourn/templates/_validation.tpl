{{/* What cannot work is refused here, all of it at once, in words. */}}

{{/* Connections that one role of a service may open: every replica, what a rollout adds, and one old pod that still drains. */}}
{{- define "sojourn.connectionsOf" -}}
{{- $service := . -}}
{{- $pods := $service.replicas -}}
{{- if $service.autoscaling.enabled -}}{{- $pods = $service.autoscaling.max -}}{{- end -}}
{{- $surge := ternary 0 (add $service.rollout.maxSurge 1) $service.rollout.recreate -}}
{{- mul (add $pods $surge) (add $service.database.poolSize $service.database.overhead) -}}
{{- end }}

{{- define "sojourn.connections" -}}
{{- $root := . -}}
{{- $total := 0 -}}
{{- range $name, $service := fromJson (include "sojourn.services" .) -}}
  {{- if $service.database.enabled -}}
    {{- range $role := $service.roles -}}
      {{- $total = add $total (include "sojourn.connectionsOf" (fromYaml (include "sojourn.ofRole" (list $root $service $role)))) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $total -}}
{{- end }}

{{- define "sojourn.problems" -}}
{{- $root := . -}}{{- $v := .Values -}}
{{- $hasPolicies := $v.networkPolicy.enabled -}}
{{- if not $v.publicUrl }}
- publicUrl: where do customers reach the gateway?
{{- end }}
{{- if not (include "sojourn.switch" (list . $v.bundled.postgres.enabled)) }}
{{- if not $v.database.host }}
- database.host: name the PostgreSQL server, or set bundled.enabled for a trial
{{- end }}
{{- if and $hasPolicies (not $v.database.to) }}
- database.to: NetworkPolicies know no host names; give CIDRs or selectors of {{ $v.database.host | default "the database" }}, or set networkPolicy.enabled=false
{{- end }}
{{- if not $v.database.maxConnections }}
- database.maxConnections: how many connections may Sojourn open? These replicas and pools need {{ include "sojourn.connections" . }}
{{- else if gt (int (include "sojourn.connections" .)) (int $v.database.maxConnections) }}
- database.maxConnections: pools × maximum replicas, with what a rollout adds, come to {{ include "sojourn.connections" . }}, more than {{ $v.database.maxConnections }}; lower services.<name>.database.poolSize or replicas, or raise it
{{- end }}
{{- end }}
{{- if not (include "sojourn.switch" (list . $v.bundled.nats.enabled)) }}
{{- if not $v.nats.host }}
- nats.host: name the NATS server, or set bundled.enabled for a trial
{{- end }}
{{- if and $hasPolicies (not $v.nats.to) }}
- nats.to: NetworkPolicies know no host names; give CIDRs or selectors of {{ $v.nats.host | default "the broker" }}, or set networkPolicy.enabled=false
{{- end }}
{{- end }}
{{- if not (include "sojourn.runs" (list . "mailbox")) }}
{{- if or (not $v.mail.host) (not $v.mail.from) }}
- mail.host, mail.from: which server sends mails, and from which address?
{{- end }}
{{- end }}
{{- if and $hasPolicies $v.mail.host (not $v.mail.to) }}
- mail.to: NetworkPolicies know no host names; give CIDRs or selectors of {{ $v.mail.host }}, or set networkPolicy.enabled=false
{{- end }}
{{- if and $hasPolicies $v.telemetry.otlpEndpoint (not $v.telemetry.otlpTo) }}
- telemetry.otlpTo: NetworkPolicies know no host names; give CIDRs or selectors of {{ $v.telemetry.otlpEndpoint }}, or set networkPolicy.enabled=false
{{- end }}
{{- if include "sojourn.runs" (list . "simulator") }}
{{- if eq $v.environment "production" }}
- services.simulator: the payment simulator takes no money; it is refused where environment is production
{{- end }}
{{- else if or (not $v.payments.provider) (regexMatch "(^|,) *simulator *(,|$)" $v.payments.provider) }}
- payments.provider: name the payment provider (the simulator runs only with bundled.enabled and environment=development)
{{- end }}
{{- if and $v.synthetic.enabled (not (include "sojourn.runs" (list . "simulator"))) }}
- synthetic.enabled: a synthetic shopper pays at the payment simulator only, and that is not part of this release
{{- end }}
{{- if and (eq $v.environment "production") (eq $v.clock "virtual") }}
- clock: virtual time is refused where environment is production
{{- end }}
{{- if and $hasPolicies (or $v.ingress.enabled $v.httpRoute.enabled) (not $v.networkPolicy.ingressFrom) }}
- networkPolicy.ingressFrom: an ingress or a route leads to the gateway, but no peer may reach it; give the controller's pods
{{- end }}
{{- if and $v.telemetry.scrapeAnnotations (include "sojourn.hasKind" (list . $v.telemetry.serviceMonitor.enabled "ServiceMonitor")) }}
- telemetry.scrapeAnnotations: ServiceMonitors are on; with annotations too everything would be scraped twice
{{- end }}
{{- range $name, $service := fromJson (include "sojourn.services" .) }}
{{- range $call := $service.calls }}
{{- if not (hasKey $v.services (splitList "/" $call | first)) }}
- services.{{ $name }}.calls: there is no service {{ $call }}
{{- end }}
{{- end }}
{{- if and $service.storage.enabled (or (not $service.rollout.recreate) (ne (int $service.replicas) 1)) }}
- services.{{ $name }}.storage: a claim belongs to one pod; it needs replicas 1 and rollout.recreate
{{- end }}
{{- end }}
{{- if not (include "sojourn.generates" .) }}
{{- range $owner, $keys := fromYaml (include "sojourn.secretKeys" .) }}
{{- if and $keys (not (get $v.secrets.existing $owner)) }}
- secrets.existing.{{ $owner }}: name a Secret with {{ keys $keys | sortAlpha | join ", " }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* `list $ switch kind`: "true" where an operator's kind is wanted, `auto` meaning that the cluster has it. */}}
{{- define "sojourn.hasKind" -}}
{{- $root := index . 0 -}}{{- $switch := toString (index . 1) -}}
{{- if or (eq $switch "true") (and (eq $switch "auto") ($root.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" (index . 2)))) -}}true{{- end -}}
{{- end }}

{{/* "true" where `helm test` can buy: the simulator takes no money, and staff can make a product to buy. */}}
{{- define "sojourn.tests" -}}
{{- if and (ne (toString .Values.test.enabled) "false") (include "sojourn.runs" (list . "simulator")) .Values.staff.email -}}true{{- end -}}
{{- end }}
