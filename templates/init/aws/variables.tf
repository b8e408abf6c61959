variable "repository" {
  description = "The GitHub repository that may take the role, as owner/name."
  type        = string
  default     = [[ repository | quoted ]]

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "Write owner/name. A pattern would let in other repositories."
  }
}

variable "branch" {
  description = "The only branch whose workflow runs may take the role."
  type        = string
  default     = [[ base | quoted ]]

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "Write one branch's name. A pattern would let in other branches."
  }
}

variable "role_name" {
  description = "The name of the read-only role: in other accounts, what `aws.role` in remediator.yaml says."
  type        = string
  default     = "RemediatorReadOnly"
}

variable "trusted_role_arn" {
  description = "In any further account: the role of the first one, which may assume this one. Null: this is the first, where the workflow comes in."
  type        = string
  default     = null
}

variable "further_role_arns" {
  description = "In the first account: the roles of the further ones, which may be assumed."
  type        = list(string)
  default     = []
}

variable "oidc_issuer" {
  description = "Who signs the workflow's identity, without https://. On a GitHub Enterprise Server: HOST/_services/token."
  type        = string
  default     = [[ issuer | quoted ]]
}

variable "create_oidc_provider" {
  description = "False where the account has an identity provider for the issuer: an account has one only."
  type        = bool
  default     = true
}

variable "state_objects" {
  description = "ARNs of the state objects that may be read, for example arn:aws:s3:::my-states/*. None: no state is read from S3."
  type        = list(string)
  default     = []
}

variable "dispatch_token" {
  description = "A token that may send a repository_dispatch (contents: write on this repository alone). Null: no events, the schedule alone. It is kept in this state."
  type        = string
  default     = null
  sensitive   = true
}

variable "github_api_url" {
  description = "Where the GitHub API answers. On a GitHub Enterprise Server: https://HOST/api/v3."
  type        = string
  default     = [[ (api_url or 'https://api.github.com') | quoted ]]
}
