{{/* The pod of one role: `dict "root" $ "name" … "role" all|serve|work "service" (that role's settings)`. */}}
{{- define "sojourn.pod" -}}
{{- $root := .root -}}{{- $name := .name -}}{{- $service := .service -}}
{{- $image := include "sojourn.ownImage" (list $root $name $service) -}}
metadata:
  labels: {{- include "sojourn.selector" (list $root $name (include "sojourn.role" .role)) | nindent 4 }}
    {{- with $service.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    checksum/secret: {{ include "sojourn.secretChecksum" (list $root $name) }}-{{ include "sojourn.secretChecksum" (list $root "shared") }}
    {{- if eq $name "identity" }}
    checksum/clients: {{ include "sojourn.clientsChecksum" $root }}
    {{- end }}
    {{- with $root.Values.secrets.revision }}
    secrets-revision: {{ . | quote }}
    {{- end }}
    {{- if and $root.Values.telemetry.scrapeAnnotations $service.ports.admin }}
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ $service.ports.admin | quote }}
    prometheus.io/path: /metrics
    {{- end }}
    {{- with $service.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "sojourn.fullname" (list $root $name) }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with $service.dnsConfig }}
  dnsConfig: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext: {{- include "sojourn.podSecurity" 10001 | nindent 4 }}
  {{- include "sojourn.pullSecrets" $root | nindent 2 }}
  # Longer than draining, finishing and closing together.
  terminationGracePeriodSeconds: {{ add $service.drainSeconds $service.stopSeconds 15 }}
  {{- if $service.database.enabled }}
  initContainers:
    - name: migrate
      image: {{ $image }}
      imagePullPolicy: {{ $root.Values.images.pullPolicy }}
      args: [migrate]
      env: {{- include "sojourn.env" (list $root $name $service) | nindent 8 }}
        {{- include "sojourn.migrateEnv" (list $root $name $service) | nindent 8 }}
      resources: {{- include "sojourn.resources" $service.resources | nindent 8 }}
      securityContext: {{- include "sojourn.containerSecurity" . | nindent 8 }}
      volumeMounts: {{- include "sojourn.mounts" $service | nindent 8 }}
  {{- end }}
  containers:
    - name: {{ $name }}
      image: {{ $image }}
      imagePullPolicy: {{ $root.Values.images.pullPolicy }}
      {{- with $service.command }}
      command: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- if $service.args }}
      args: {{- toYaml $service.args | nindent 8 }}
      {{- else if or $service.broker $service.database.enabled }}
      args: [{{ .role }}]
      {{- end }}
      env: {{- include "sojourn.env" (list $root $name $service) | nindent 8 }}
      ports:
        {{- range $port, $number := $service.ports }}
        {{- if $number }}
        - {name: {{ $port }}, containerPort: {{ $number }}}
        {{- end }}
        {{- end }}
      # The process itself says when it can serve, and stops saying so before it stops: no shell, no preStop.
      startupProbe: {{- include "sojourn.probe" (dict "service" $service "path" "/readyz" "period" 1 "failures" $service.probes.startupSeconds) | nindent 8 }}
      readinessProbe: {{- include "sojourn.probe" (dict "service" $service "path" "/readyz" "period" $service.probes.periodSeconds "failures" $service.probes.failureThreshold) | nindent 8 }}
      livenessProbe: {{- include "sojourn.probe" (dict "service" $service "path" "/livez" "period" 10 "failures" 6) | nindent 8 }}
      resources: {{- include "sojourn.resources" $service.resources | nindent 8 }}
      securityContext: {{- include "sojourn.containerSecurity" . | nindent 8 }}
      volumeMounts: {{- include "sojourn.mounts" $service | nindent 8 }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: {{ $service.temporaryFiles }}}
    {{- if $service.storage.enabled }}
    - name: storage
      persistentVolumeClaim: {claimName: {{ include "sojourn.fullname" (list $root $name) }}}
    {{- end }}
    {{- with $service.volumes }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with $service.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $service.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $service.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $service.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  topologySpreadConstraints:
    {{- if $service.topologySpreadConstraints }}
    {{- toYaml $service.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "sojourn.selector" (list $root $name (include "sojourn.role" $.role)) | nindent 10 }}
    {{- end }}
    {{- end }}
{{- end }}

{{- define "sojourn.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if .storage.enabled }}
- {name: storage, mountPath: /var/lib/sojourn}
{{- end }}
{{- with .volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "sojourn.probe" -}}
httpGet: {path: {{ .path }}, port: {{ .service.healthPort }}}
periodSeconds: {{ .period }}
timeoutSeconds: {{ .service.probes.timeoutSeconds }}
failureThreshold: {{ .failures }}
{{- end }}

{{- define "sojourn.clientsChecksum" -}}
{{- $root := . -}}
{{- $checksums := list -}}
{{- range $name, $service := fromJson (include "sojourn.services" .) -}}
{{- if $service.client.enabled -}}{{- $checksums = append $checksums (include "sojourn.secretChecksum" (list $root $name)) -}}{{- end -}}
{{- end -}}
{{- join "," $checksums | sha256sum | trunc 16 -}}
{{- end }}
