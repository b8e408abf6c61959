locals {
  name = "web"
  list = ["a", "b"]
}
output "plain" {
  value = <<EOT
first
  second stays indented
	a tab
last
EOT
}
output "without_anything" {
  value = <<EOT
EOT
}
output "one_empty_line" {
  value = <<EOT

EOT
}
output "backslashes" {
  value = <<EOT
a\nb \" "quoted" \\ C:\path
EOT
}
output "escaped" {
  value = <<EOT
$${literal} %%{literal} $ % $${
EOT
}
output "interpolated" {
  value = <<EOT
name = ${local.name}
${local.name} ${local.name}
EOT
}
output "alone" {
  value = <<EOT
${local.name}
EOT
}
output "other_marker" {
  value = <<POLICY_1
EOT is not the end
POLICY_1
}
output "in_a_call" {
  value = trimspace(<<EOT
  spaces around
EOT
  )
}
output "in_a_list" {
  value = [<<A
one
A
    , <<B
two
B
  ]
}
output "document" {
  value = jsondecode(<<EOT
{"Statement": [{"Effect": "Allow", "Resource": "arn:aws:s3:::${local.name}/*"}]}
EOT
  )
}
output "end_marker_indented" {
  value = <<EOT
text
  EOT
}
