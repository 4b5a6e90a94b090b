# A job that proves that a machine runs jobs: it starts llama.cpp once, isolated as an expert is, and ends.

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

job "canary" {
  # A block's label cannot hold a variable; id and name can.
  id   = "canary-${var.node}"
  name = "canary-${var.node}"
  type = "batch"

  constraint {
    attribute = "${node.unique.name}"
    value     = var.node
  }

  group "canary" {
    # A canary that dies is an answer, not something to mend.
    restart {
      attempts = 0
      mode     = "fail"
    }

    reschedule {
      attempts  = 0
      unlimited = false
    }

    task "canary" {
      driver = var.driver

      config {
        command = "${var.llama_root}/bin/sh"
        args    = ["${var.llama_root}/muster-llama", "llama-server", "--version"]
      }

      resources {
        cpu    = 100
        memory = 128
      }
    }
  }
}
