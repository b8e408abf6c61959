locals {
  größe   = "ümläut"
  decomposed = "e\u0301 and é"
  emoji   = "👩‍💻 🇨🇭 👍🏽"
  map     = { "ключ" = "значение", "日本" = "語", z = 1, "é" = 2, "É" = 3, "𝒳" = 4, "ﬀ" = 5 }
}
output "text" { value = local.größe }
output "decomposed" { value = [local.decomposed, length(local.decomposed), local.decomposed == "é and é"] }
output "emoji" { value = [local.emoji, upper(local.emoji)] }
output "map" { value = local.map }
output "keys" { value = keys(local.map) }
output "set" { value = toset(["é", "z", "É", "𝒳", "ﬀ", "a"]) }
output "template" { value = "→ ${local.größe} ←" }
output "heredoc" {
  value = <<-EOT
    ${local.größe}
      日本 ä
  EOT
}
output "escapes" { value = "\u00fc \U0001F600 ü😀" }
output "functions" { value = [upper("äöü"), lower("ÄÖÜ"), substr("größe", 1, 3), length("größe"), replace("größe", "ö", "oe"), split("ß", "größe"), join("–", ["a", "b"])] }
output "json" { value = jsonencode({ "schlüssel" = "wért", "日" = "本" }) }
resource "terraform_data" "each" {
  for_each = toset(["ä", "b c", "日/本"])
  input    = each.key
}
