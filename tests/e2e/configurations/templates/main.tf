locals {
  name  = "web"
  port  = 22
  on    = true
  half  = 0.5
  names = ["a", "b", "c"]
  tags  = { owner = "ops", env = "prod" }
}
output "plain" { value = "${local.name}" }
output "itself" { value = "${local.names}" }
output "number_itself" { value = "${local.port}" }
output "joined" { value = "${local.name}-${local.port}-${local.on}-${local.half}" }
output "nested" { value = "a ${"b ${"c ${local.name}"} d"} e" }
output "quotes_inside" { value = "x ${local.tags["owner"]} y" }
output "escaped" { value = "$${local.name} ${local.name} %%{if} $$${local.name}" }
output "escaped_thrice" { value = ["$$${local.name}", "$$$${local.name}", "a$$${x}b"] }
output "stripped" { value = "a   ${~local.name~}   b" }
output "stripped_alone" { value = "${~local.port~}" }
output "stripped_left" { value = "a  \n ${~local.name}  b" }
output "if" { value = "x%{if local.on}yes%{endif}y" }
output "if_else" { value = "x%{if !local.on}yes%{else}no ${local.name}%{endif}y" }
output "if_stripped" { value = "a %{~if local.on~}  yes  %{~else~}  no  %{~endif~} b" }
output "for" { value = "%{for n in local.names}<${n}>%{endfor}" }
output "for_pairs" { value = "%{for k, v in local.tags}${k}=${v};%{endfor}" }
output "for_index" { value = "%{for i, n in local.names}${i}:${n} %{endfor}" }
output "for_stripped" { value = "[ %{~for n in local.names~} ${n} , %{~endfor~} ]" }
output "for_if" { value = "%{for n in local.names}%{if n != "b"}${n}%{endif}%{endfor}" }
output "for_in_for" { value = "%{for a in local.names}%{for b in local.names}${a}${b} %{endfor}%{endfor}" }
output "empty_for" { value = "x%{for n in []}${n}%{endfor}y" }
output "condition_inside" { value = "${local.on ? "on" : "off"}!" }
output "call_inside" { value = "${join(",", [for n in local.names : upper(n)])}." }
output "one_directive" { value = "%{if local.on}1%{endif}" }
output "unicode" { value = "grüße ${local.name} 🚀 ${"é"}" }
output "key" { value = { "${local.name}-${local.port}" = 1, (local.name) = 2 } }
