{{- define "carousel.labels" -}}
app.kubernetes.io/name: carousel
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "carousel.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "carousel.redisSecret" -}}
{{ .Values.redis.existingSecret | default (printf "%s-redis-url" .Release.Name) }}
{{- end }}

{{- /* empty: everybody may call */ -}}
{{- define "carousel.apiKeysSecret" -}}
{{- if .Values.apiKeys.existingSecret }}{{ .Values.apiKeys.existingSecret }}{{ else if .Values.apiKeys.file }}{{ .Release.Name }}-api-keys{{ end }}
{{- end }}

{{- /* what every pod has: nothing here talks to Kubernetes, and no service's address is a setting */ -}}
{{- define "carousel.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- /* pods roll when what they read at the start has changed */ -}}
{{- define "carousel.checksums" -}}
checksum/config: {{ include (print .Template.BasePath "/configmap-carousel.yaml") . | sha256sum }}
checksum/redis: {{ include (print .Template.BasePath "/secret-redis.yaml") . | sha256sum }}
{{- end }}

{{- define "carousel.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "carousel.env" -}}
- name: REDIS_URL
  valueFrom: { secretKeyRef: { name: {{ include "carousel.redisSecret" . }}, key: url } }
{{- end }}

{{- /* sleep while endpoints still send calls; then SIGTERM lets those in flight finish */ -}}
{{- define "carousel.drain" -}}
preStop: { exec: { command: [sleep, {{ .Values.drain.preStopSeconds | quote }}] } }
{{- end }}
