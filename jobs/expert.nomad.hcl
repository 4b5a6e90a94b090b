# One expert on one machine: llama-server in front of its RPC worker, found by the agent app through Consul.

variable "name" {
  description = "Expert name: letters, digits and dashes. Its service is llama-api-<name>."
  type        = string
}

variable "node" {
  description = "Name of the machine that runs it."
  type        = string
}

variable "model" {
  description = "GGUF file below the models volume."
  type        = string
}

variable "quantisation" {
  description = "How the model's weights are stored, for people and for the router."
  type        = string
  default     = "unknown"
}

variable "threads" {
  description = "Threads of llama-server; its RPC worker reserves the cores."
  type        = number
  default     = 1
}

variable "context" {
  description = "Context length in tokens."
  type        = number
  default     = 4096
}

variable "workers" {
  description = "RPC workers that must be there before the start."
  type        = number
  default     = 1
}

variable "driver" {
  description = "exec (isolated; needs root on the machine) or raw_exec."
  type        = string
  default     = "exec"
}

variable "llama_root" {
  description = "Folder of llama.cpp as the task sees it: empty under exec, where it is the task's root."
  type        = string
  default     = ""
}

variable "models_folder" {
  description = "Folder of the models as the task sees it: the mounted volume under exec, a host path under raw_exec."
  type        = string
  default     = "/models"
}

variable "memory" {
  description = "Memory limit of llama-server in MB."
  type        = number
  default     = 512
}

job "expert" {
  # A block's label cannot hold a variable; id and name can.
  id   = "expert-${var.name}-${var.node}"
  name = "expert-${var.name}-${var.node}"

  constraint {
    attribute = "${node.unique.name}"
    value     = var.node
  }

  group "expert" {
    disconnect {
      lost_after = "10m"
      replace    = true
      reconcile  = "keep_original"
    }

    restart {
      attempts = 10
      interval = "1m"
      delay    = "1s"
      mode     = "delay"
    }

    update {
      min_healthy_time = "1s"
    }

    network {
      port "http" {}
    }

    # Only the isolated driver can mount; the other one sees the host's folders.
    dynamic "volume" {
      for_each = var.driver == "exec" ? ["models"] : []
      labels   = [volume.value]
      content {
        type      = "host"
        source    = volume.value
        read_only = true
      }
    }

    service {
      name = "llama-api-${var.name}"
      port = "http"
      tags = ["expert"]

      meta {
        expert       = var.name
        model        = var.model
        quantisation = var.quantisation
        context      = "${var.context}"
      }

      check {
        type     = "http"
        path     = "/health"
        interval = "2s"
        timeout  = "1s"
      }
    }

    task "server" {
      driver = var.driver

      # Leaves Consul first, then lets open streams end.
      shutdown_delay = "2s"
      kill_timeout   = "30s"

      # Without this block the templates have no Consul token and see an empty list, without an error.
      consul {}

      dynamic "volume_mount" {
        for_each = var.driver == "exec" ? ["models"] : []
        content {
          volume      = volume_mount.value
          destination = "/models"
          read_only   = true
        }
      }

      # Kept up to date while the task waits; a change must never restart a running expert.
      template {
        destination = "local/workers"
        change_mode = "noop"
        data        = <<-EOT
          {{- range service "expert-${var.name}-${var.node}.llamacpp-rpc" }}
          {{ .Address }}:{{ .Port }}
          {{- end }}
        EOT
      }

      template {
        destination = "secrets/api-key"
        change_mode = "noop"
        data        = "{{ with nomadVar \"nomad/jobs\" }}{{ .expert_key }}{{ end }}"
      }

      template {
        destination = "local/start.sh"
        change_mode = "noop"
        data        = <<-EOT
          # Waits for the RPC workers, then becomes llama-server: one dead worker in --rpc would abort it.
          waited=0
          while :; do
            list= count=0
            while read -r worker; do
              [ -n "$worker" ] && list="$list,$worker" count=$((count + 1))
            done < "$NOMAD_TASK_DIR/workers"
            [ "$count" -ge ${var.workers} ] && break
            [ $((waited % 10)) = 0 ] && echo "waiting: $count of ${var.workers} RPC workers of expert ${var.name} in Consul" >&2
            waited=$((waited + 1))
            [ "$waited" -ge 120 ] && echo "no RPC worker within 120 s: look at job rpc-${var.name}-${var.node}" >&2 && exit 1
            ${var.llama_root}/bin/sleep 1
          done
          exec ${var.llama_root}/bin/sh ${var.llama_root}/muster-llama llama-server \
            --host "$NOMAD_IP_http" --port "$NOMAD_PORT_http" --api-key-file "$NOMAD_SECRETS_DIR/api-key" \
            -m "${var.models_folder}/${var.model}" -c ${var.context} -t ${var.threads} --alias "${var.name}" \
            --no-ui --cache-ram 0 --rpc "$${list#,}" -ngl 99
        EOT
      }

      config {
        command = "${var.llama_root}/bin/sh"
        args    = ["${NOMAD_TASK_DIR}/start.sh"]
      }

      env {
        GGML_NO_BACKTRACE = "1"
      }

      resources {
        cpu    = 100
        memory = var.memory
      }
    }
  }
}
