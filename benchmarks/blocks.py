"""Terraform blocks as people write them, `terraform fmt`-clean, with @names@ to fill in."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HOLE = re.compile(r"@([a-z]+)@")


def filled(block: str, values: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda hole: values[hole[1]], block)


VERSIONS = """\
terraform {
  required_version = ">= 1.5"

  backend "s3" {
    bucket         = "example-terraform-states"
    key            = "@directory@/terraform.tfstate"
    region         = "us-east-1"
    dynamodb_table = "terraform-locks"
    encrypt        = true
  }

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      ManagedBy = "terraform"
      Path      = "@directory@"
      Owner     = "@team@"
    }
  }
}
"""

MODULE_CALL = """\
module "@name@" {
  source = "@source@"

  name               = "@service@-@name@"
  environment        = var.environment
  region             = var.region
  vpc_id             = var.vpc_id
  private_subnet_ids = var.private_subnet_ids
  instance_type      = "m6i.@size@"
}
"""

VARIABLES = """\
variable "name" {
  description = "What the resources of this folder are called"
  type        = string
  default     = "@service@"
}

variable "environment" {
  description = "One of dev, staging, prod"
  type        = string
  default     = "@environment@"

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment must be dev, staging or prod."
  }
}

variable "region" {
  description = "AWS region"
  type        = string
  default     = "us-east-1"
}

variable "vpc_id" {
  description = "The VPC that everything lives in"
  type        = string
  default     = "vpc-0a1b2c3d4e5f60718"
}

variable "private_subnet_ids" {
  description = "Private subnets, one for each availability zone"
  type        = list(string)
  default     = ["subnet-0aa11bb22cc33dd44", "subnet-0bb22cc33dd44ee55"]
}

variable "instance_type" {
  description = "Size of the instances"
  type        = string
  default     = "m6i.@size@"
}
"""

VARIABLE = """\
variable "@name@_retention_days" {
  description = "How long the logs of @name@ are kept; audit asks for @number@ days at least"
  type        = number
  default     = @number@
}
"""

LOCALS = """\
locals {
  @name@_prefix = "${var.environment}-@service@-@label@"

  # Finance reads these: ask them before you change a key.
  @name@_tags = {
    CostCenter  = "cc-@number@"
    Environment = var.environment
    Service     = "@service@"
    Team        = "@team@"
  }

  @name@_endpoints = {
    for zone in ["a", "b", "c"] : "${var.region}${zone}" => "@label@.${zone}.internal.example.com"
  }
}
"""

OUTPUT = """\
output "@name@_label" {
  description = "What @name@ of @service@ is called in @environment@"
  value       = "${var.environment}-@service@-@label@-@number@"
}
"""

INSTANCE = """\
resource "aws_instance" "@name@" {
  ami                         = "ami-@hex@"
  instance_type               = var.instance_type
  subnet_id                   = var.private_subnet_ids[0]
  associate_public_ip_address = false
  iam_instance_profile        = "@service@-@label@"
  monitoring                  = true

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  root_block_device {
    encrypted   = true
    volume_size = @number@
    volume_type = "gp3"
  }

  user_data = <<-EOT
    #!/bin/bash
    set -euo pipefail
    echo "service=@service@" >> /etc/environment
    systemctl enable --now @label@.service
  EOT

  tags = {
    Name        = "@service@-@label@"
    Environment = var.environment
    Team        = "@team@"
  }

  lifecycle {
    ignore_changes = [ami]
  }
}
"""

BUCKET = """\
resource "aws_s3_bucket" "@name@" {
  bucket        = "example-@environment@-@service@-@label@-@number@"
  force_destroy = false

  tags = {
    Name       = "@label@"
    DataClass  = "internal"
    CostCenter = "cc-@number@"
  }
}

resource "aws_s3_bucket_public_access_block" "@name@" {
  bucket = aws_s3_bucket.@name@.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "@name@" {
  bucket = aws_s3_bucket.@name@.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
    bucket_key_enabled = true
  }
}
"""

ROLE = """\
resource "aws_iam_role" "@name@" {
  name                 = "@environment@-@service@-@label@"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Assume"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "ec2.amazonaws.com" }
      },
    ]
  })
}

resource "aws_iam_role_policy" "@name@" {
  name = "@label@-access"
  role = aws_iam_role.@name@.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Read"
        Effect = "Allow"
        Action = [
          "s3:GetObject",
          "s3:ListBucket",
        ]
        Resource = [
          "arn:aws:s3:::example-@service@-@number@",
          "arn:aws:s3:::example-@service@-@number@/*",
        ]
      },
      {
        Sid      = "Decrypt"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"] # the bucket's own key
        Resource = "*"
      },
    ]
  })
}
"""

HEREDOC_POLICY = """\
resource "aws_iam_policy" "@name@" {
  name        = "@environment@-@service@-@label@"
  description = "Queues of @service@"

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Queues",
      "Effect": "Allow",
      "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      "Resource": "arn:aws:sqs:${var.region}:123456789012:@service@-@label@"
    },
    {
      "Sid": "Metrics",
      "Effect": "Allow",
      "Action": "cloudwatch:PutMetricData",
      "Resource": "*"
    }
  ]
}
EOF
}
"""

SECURITY_GROUP = """\
resource "aws_security_group" "@name@" {
  name        = "@service@-@label@"
  description = "@label@ of @service@"
  vpc_id      = var.vpc_id

  ingress {
    description = "HTTPS from the company network"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.@octet@.0.0/16", "172.16.0.0/12"]
  }

  ingress {
    description = "SSH from the bastion"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.@octet@.0/28"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = {
    Name = "@service@-@label@"
    Team = "@team@"
  }
}
"""

WEB_RULE = """\
resource "aws_security_group" "@name@_edge" {
  name   = "@service@-@label@-edge"
  vpc_id = var.vpc_id
}

# The public site: it is meant to be open.
resource "aws_security_group_rule" "@name@_edge" {
  type              = "ingress"
  security_group_id = aws_security_group.@name@_edge.id
  from_port         = 443
  to_port           = 443
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
}
"""

OFFENDING_BLOCK = """\
  # Left over from the migration weekend.
  ingress {
    description = "SSH"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

"""

OFFENDING_GROUP = f"""\
resource "aws_security_group" "admin" {{
  name        = "@group@"
  description = "Administration of @service@"
  vpc_id      = var.vpc_id

  ingress {{
    description = "Node metrics"
    from_port   = 9100
    to_port     = 9100
    protocol    = "tcp"
    cidr_blocks = ["10.@octet@.0.0/16"]
  }}

{OFFENDING_BLOCK}\
  egress {{
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }}

  tags = {{
    Name = "@group@"
    Team = "@team@"
  }}
}}
"""
