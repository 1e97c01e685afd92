{{/* Names and labels. `list $ "cart" "work"` means root, component, role. */}}

{{- define "sojourn.fullname" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}
{{- $role := "" -}}{{- if gt (len .) 2 -}}{{- $role = index . 2 -}}{{- end -}}
{{- printf "%s-%s%s" $root.Release.Name $component (ternary "-work" "" (eq $role "work")) | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{/* What selectors and pod templates carry: nothing that a new version changes. */}}
{{- define "sojourn.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: sojourn
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- if gt (len .) 2 }}
role: {{ index . 2 }}
{{- end }}
{{- end }}

{{- define "sojourn.labels" -}}
{{- $root := index . 0 -}}
{{ include "sojourn.selector" (list $root (index . 1)) }}
app.kubernetes.io/part-of: sojourn
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* `all` serves too, so that a service may be split into roles without a new selector. */}}
{{- define "sojourn.role" -}}
{{- ternary "work" "serve" (eq . "work") -}}
{{- end }}

{{/* "true" where a switch that may say `bundled` is on. */}}
{{- define "sojourn.switch" -}}
{{- $root := index . 0 -}}{{- $value := index . 1 -}}
{{- if or (eq (toString $value) "true") (and (eq (toString $value) "bundled") $root.Values.bundled.enabled) (and (eq (toString $value) "synthetic") $root.Values.synthetic.enabled) -}}true{{- end -}}
{{- end }}

{{/* "true" where a service is part of the release. */}}
{{- define "sojourn.runs" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- $service := get $root.Values.services $name -}}
{{- if $service -}}
{{- $enabled := $root.Values.defaults.enabled -}}
{{- if hasKey $service "enabled" -}}{{- $enabled = $service.enabled -}}{{- end -}}
{{- include "sojourn.switch" (list $root $enabled) -}}
{{- end -}}
{{- end }}

{{/* The name at which a component's Service is found, absolute, so that no search list is tried. Empty where it does not run. */}}
{{- define "sojourn.host" -}}
{{- $root := index . 0 -}}
{{- if include "sojourn.runs" . -}}
{{ include "sojourn.fullname" . }}.{{ $root.Release.Namespace }}.svc.{{ $root.Values.clusterDomain }}.
{{- end -}}
{{- end }}

{{/* `list $ "simulator" "http"`: a base URL inside the cluster. Empty where it does not run. HTTP gets no trailing dot: it would be in Host. */}}
{{- define "sojourn.url" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- if include "sojourn.runs" (list $root $name) -}}
{{- $service := get (fromJson (include "sojourn.services" $root)) $name -}}
{{- $port := get $service.ports (index . 2) -}}
{{- if $service.service.port -}}{{- $port = $service.service.port -}}{{- end -}}
http://{{ include "sojourn.fullname" (list $root $name) }}.{{ $root.Release.Namespace }}.svc.{{ $root.Values.clusterDomain }}:{{ $port }}
{{- end -}}
{{- end }}

{{/* Where people reach the pages that links in mails lead to. */}}
{{- define "sojourn.storefrontUrl" -}}
{{- .Values.storefrontUrl | default .Values.publicUrl -}}
{{- end }}

{{/* Paths of the gateway on a host that leads to the pages too, as a JSON list in an object. */}}
{{- define "sojourn.gatewayPaths" -}}
{"paths": ["/v1", "/docs", "/openapi.json", "/.well-known"]}
{{- end }}

{{/* Every service of the release with its defaults filled in, as YAML. */}}
{{- define "sojourn.services" -}}
{{- $root := . -}}
{{- if not (hasKey .Values "rendered") -}}
{{- $services := dict -}}
{{- $topology := (fromYaml (.Files.Get "topology.yaml")).components -}}
{{- range $name, $own := .Values.services -}}
  {{- if include "sojourn.runs" (list $root $name) -}}
    {{- $usual := fromYaml (include "sojourn.over" (list $root.Values.defaults (get $topology $name | default dict))) -}}
    {{- $_ := set $services $name (fromYaml (include "sojourn.over" (list $usual $own))) -}}
  {{- end -}}
{{- end -}}
{{- /* Worked out once: all templates of a rendering share the values. */ -}}
{{- $_ := set .Values "rendered" (toJson $services) -}}
{{- end -}}
{{- .Values.rendered -}}
{{- end }}

{{/* The second map over the first; maps in them are merged one level deep. (Sprig's merge passes over false and 0.) */}}
{{- define "sojourn.over" -}}
{{- $result := deepCopy (index . 0) -}}
{{- range $key, $value := index . 1 -}}
  {{- if and (kindIs "map" $value) (kindIs "map" (get $result $key)) -}}
    {{- range $inner, $innermost := $value -}}{{- $_ := set (get $result $key) $inner $innermost -}}{{- end -}}
  {{- else -}}
    {{- $_ := set $result $key $value -}}
  {{- end -}}
{{- end -}}
{{- toYaml $result -}}
{{- end }}

{{/* `list $ service role`: what holds for one role of a service. */}}
{{- define "sojourn.ofRole" -}}
{{- $service := index . 1 -}}
{{- include "sojourn.over" (list $service (get $service.byRole (index . 2) | default dict)) -}}
{{- end }}

{{/* `list $ repository tag digest` */}}
{{- define "sojourn.image" -}}
{{- $root := index . 0 -}}
{{- with $root.Values.images.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{ index . 1 }}{{ with index . 3 }}@{{ . }}{{ else }}:{{ index . 2 }}{{ end }}
{{- end }}

{{/* `list $ name service`: the image of one of Sojourn's own services. */}}
{{- define "sojourn.ownImage" -}}
{{- $root := index . 0 -}}{{- $service := index . 2 -}}
{{- $repository := $service.image.repository | default (index . 1) -}}
{{- $tag := $service.image.tag | default $root.Values.images.tag | default $root.Chart.AppVersion -}}
{{- $path := ternary $repository (printf "%s/%s" $root.Values.images.repository $repository) (contains "/" $repository) -}}
{{- include "sojourn.image" (list $root (trimPrefix "/" $path) $tag (get $root.Values.images.digests $repository)) -}}
{{- end }}

{{- define "sojourn.pullSecrets" -}}
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "sojourn.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "sojourn.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Requests, and the memory limit, which equals the request. CPU has a limit only where somebody wants one. */}}
{{- define "sojourn.resources" -}}
requests: {cpu: {{ .cpu }}, memory: {{ .memory }}}
limits: { {{- with .cpuLimit }}cpu: {{ . }}, {{ end }}memory: {{ .memory -}} }
{{- end }}
