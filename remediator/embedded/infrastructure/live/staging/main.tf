terraform {
  backend "s3" {
    bucket = "example-terraform-states"
    key    = "live/staging.tfstate"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = {
      Team       = "platform"
      CostCenter = "4000"
    }
  }
}

module "build_box" {
  source = "../../modules/ssh-box"
  name   = "build-box-staging"
}

# Operators open and close this by hand, and no apply interferes.
resource "aws_security_group" "support" {
  name        = "support"
  description = "Support engineers"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  lifecycle {
    ignore_changes = [ingress]
  }
}
