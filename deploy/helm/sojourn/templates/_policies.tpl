{{/* NetworkPolicies out of the topology. */}}

{{/* `list $ component`: what selects this release's pods of a component. */}}
{{- define "sojourn.matchLabels" -}}
{app.kubernetes.io/name: sojourn, app.kubernetes.io/instance: {{ (index . 0).Release.Name }}, app.kubernetes.io/component: {{ index . 1 }}}
{{- end }}

{{/* `list $ component port`: an egress rule to a component of the release. */}}
{{- define "sojourn.egressTo" -}}
- to: [{podSelector: {matchLabels: {{ include "sojourn.matchLabels" . }}}}]
  ports: [{port: {{ index . 2 }}, protocol: TCP}]
{{- end }}

{{/* `list peers port`: an egress rule to given peers. */}}
{{- define "sojourn.egressOutside" -}}
- to: {{- toYaml (index . 0) | nindent 4 }}
  ports: [{port: {{ index . 1 }}, protocol: TCP}]
{{- end }}

{{- define "sojourn.egressDns" -}}
- to: {{- toYaml .Values.networkPolicy.dns.to | nindent 4 }}
  ports: {{- toYaml .Values.networkPolicy.dns.ports | nindent 4 }}
{{- end }}

{{- define "sojourn.egressDatabase" -}}
{{- if include "sojourn.switch" (list . .Values.bundled.postgres.enabled) }}
{{ include "sojourn.egressTo" (list . "postgres" 5432) }}
{{- else }}
- to: {{- toYaml .Values.database.to | nindent 4 }}
  ports:
    - {port: {{ .Values.database.port }}, protocol: TCP}
    {{- if and .Values.database.directHost (ne (int .Values.database.directPort) (int .Values.database.port)) }}
    - {port: {{ .Values.database.directPort }}, protocol: TCP}
    {{- end }}
{{- end }}
{{- end }}

{{- define "sojourn.egressNats" -}}
{{- if include "sojourn.switch" (list . .Values.bundled.nats.enabled) }}
{{ include "sojourn.egressTo" (list . "nats" 4222) }}
{{- else }}
{{ include "sojourn.egressOutside" (list .Values.nats.to .Values.nats.port) }}
{{- end }}
{{- end }}

{{- define "sojourn.egressTraces" -}}
{{- if .Values.telemetry.otlpEndpoint }}
{{ include "sojourn.egressOutside" (list .Values.telemetry.otlpTo .Values.telemetry.otlpPort) }}
{{- else if include "sojourn.runs" (list . "sink") }}
{{ include "sojourn.egressTo" (list . "sink" (get (fromJson (include "sojourn.services" .)) "sink").ports.http) }}
{{- end }}
{{- end }}

{{/* `list $ rule`: what a service's `egress` names. */}}
{{- define "sojourn.egressNamed" -}}
{{- $root := index . 0 -}}{{- $rule := index . 1 -}}
{{- if eq (toString $rule) "public-https" }}
# A policy cannot know names: public HTTPS is everything but what is private.
- to: [{ipBlock: {cidr: 0.0.0.0/0, except: {{ toJson $root.Values.networkPolicy.privateRanges }}}}]
  ports: [{port: 443, protocol: TCP}]
{{- else }}
{{ toYaml (list $rule) }}
{{- end }}
{{- end }}
