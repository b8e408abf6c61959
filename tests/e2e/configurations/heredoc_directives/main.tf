locals {
  list = ["a", "b"]
  map  = { x = 1, y = 2 }
  on   = true
  off  = false
}
output "for" {
  value = <<EOT
%{for k, v in local.map}
${k} = ${v}
%{endfor}
EOT
}
output "for_stripped" {
  value = <<EOT
%{for k, v in local.map~}
${k} = ${v}
%{endfor~}
EOT
}
output "for_stripped_both" {
  value = <<EOT
items:
%{~for n in local.list~}
 - ${n}
%{~endfor~}
end
EOT
}
output "if_else" {
  value = <<EOT
%{if local.on}
on
%{else}
off
%{endif}
%{if local.off~}
never
%{else~}
other
%{endif~}
EOT
}
output "nested" {
  value = <<EOT
%{for n in local.list~}
%{if n == "a"~}
first ${n}
%{else~}
later ${n}
%{endif~}
%{endfor~}
EOT
}
output "strip_interpolation" {
  value = <<EOT
a   
${~local.list[0]~}

   b
EOT
}
output "separators" {
  value = <<EOT
[%{for i, n in local.list}%{if i > 0}, %{endif}"${n}"%{endfor}]
EOT
}
