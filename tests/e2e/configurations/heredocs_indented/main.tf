locals {
  name = "web"
  list = ["a", "b"]
  many = "x\n  y"
}
output "simple" {
  value = <<-EOT
    first
      second
    third
  EOT
}
output "less_in_the_middle" {
  value = <<-EOT
      first
    second
        third
    EOT
}
output "empty_lines" {
  value = <<-EOT
    first

    third
  
    fifth
  EOT
}
output "starts_with_interpolation" {
  value = <<-EOT
    ${local.name} first
      second ${local.name}
    ${local.name}
  EOT
}
output "interpolation_at_the_edge" {
  value = <<-EOT
${local.name}
    indented
  EOT
}
output "value_with_lines" {
  value = <<-EOT
    a
    ${local.many}
    b
  EOT
}
output "directives" {
  value = <<-EOT
    begin
    %{if local.name == "web"}
    yes
    %{else}
    no
    %{endif}
    end
  EOT
}
output "directives_stripped" {
  value = <<-EOT
    begin
    %{~if local.name == "web"~}
    yes
    %{~endif~}
    %{~for n in local.list~}
    item ${n}
    %{~endfor~}
    end
  EOT
}
output "for" {
  value = <<-EOT
    %{for n in local.list}
    ${n}
    %{endfor}
  EOT
}
output "for_one_line" {
  value = <<-EOT
    list: %{for n in local.list}${n} %{endfor}
      deeper
  EOT
}
output "strip_right" {
  value = <<-EOT
    a
    %{for n in local.list~}
      ${n}
    %{endfor~}
    z
  EOT
}
output "tabs" {
  value = <<-EOT
		two tabs
			three
	EOT
}
output "mixed_indentation" {
  value = <<-EOT
	  tab and spaces
    four spaces
  EOT
}
output "unicode" {
  value = <<-EOT
    grüße
      日本 ${local.name}
  EOT
}
output "nothing" {
  value = <<-EOT
  EOT
}
output "escaped" {
  value = <<-EOT
    $${x} %%{y}
      ${local.name}
  EOT
}
output "deeply_nested" {
  value = {
    a = [
      <<-EOT
        in a list
          in an object
      EOT
      ,
    ]
  }
}
