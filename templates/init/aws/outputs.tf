output "role_arn" {
  description = "For the repository's variable REMEDIATOR_ROLE_ARN."
  value       = aws_iam_role.remediator.arn
}
