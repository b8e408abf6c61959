terraform {
  backend "s3" {
    bucket = "example-terraform-states"
    key    = "live/staging.tfstate"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"
}

module "build_box" {
  source = "../../modules/ssh-box"
  name   = "build-box-staging"
}

variable "support_cidrs" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

resource "aws_security_group" "support" {
  name        = "support"
  description = "Support engineers"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.support_cidrs
  }
}
