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

{{- define "carousel.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
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
