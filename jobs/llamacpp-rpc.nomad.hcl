# The RPC worker of one expert on one machine: it computes the layers that llama-server hands it.
# One worker serves one llama-server; a second one would wait for ever without a word.

variable "name" {
  description = "Expert this worker belongs to, as in expert.nomad.hcl."
  type        = string
}

variable "node" {
  description = "Name of the machine that runs it."
  type        = string
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

variable "cores" {
  description = "Cores reserved, and threads started: more threads than cores is a cliff. 0 shares the CPU of a one-core machine."
  type        = number
  default     = 1
}

variable "memory" {
  description = "Memory limit in MB: the model's layers and their cache must fit."
  type        = number
  default     = 256
}

job "llamacpp-rpc" {
  # A block's label cannot hold a variable; id and name can.
  id   = "rpc-${var.name}-${var.node}"
  name = "rpc-${var.name}-${var.node}"

  constraint {
    attribute = "${node.unique.name}"
    value     = var.node
  }

  group "rpc" {
    # A machine that only lost contact keeps its worker.
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
      # The RPC protocol has no authentication and runs code for whoever connects: loopback only.
      port "rpc" {
        host_network = "loopback"
      }
    }

    service {
      name = "llamacpp-rpc"
      port = "rpc"
      tags = ["expert-${var.name}-${var.node}"]

      meta {
        expert = var.name
      }
      # No check on the RPC port: two connects fill its queue, then every check times out.
    }

    task "worker" {
      driver = var.driver

      config {
        command = "${var.llama_root}/bin/sh"
        args    = ["${var.llama_root}/muster-llama", "ggml-rpc-server", "-H", "${NOMAD_IP_rpc}", "-p", "${NOMAD_PORT_rpc}", "-t", "${var.cores > 0 ? var.cores : 1}"]
      }

      # The worker has no signal handlers and is pid 1 of its namespace: only SIGKILL ends it.
      kill_timeout = "1s"

      resources {
        cores  = var.cores > 0 ? var.cores : null
        cpu    = var.cores > 0 ? null : 300
        memory = var.memory
      }
    }
  }
}
