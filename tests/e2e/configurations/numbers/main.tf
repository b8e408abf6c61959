output "fractions" { value = [0.5, 1.25, -0.125, 3.0, 22.50, 0.1] }
output "exponents" { value = [2.5e-3, 1.0e0, 1.5E2] }
output "large" { value = [12345678901234567890, 9007199254740993, 18446744073709551616] }
output "long_fraction" { value = 0.12345678901234567890123456789 }
output "sums" { value = [1 + 2, 0.5 + 0.25, 10 - 12, 0.1 + 0.2] }
output "products" { value = [3 * 4, 0.5 * 3, -2 * -3, 1.1 * 2] }
output "quotients" { value = [10 / 4, 9 / 3, 1 / 8, -7 / 2, 1 / 10] }
output "thirds" { value = [1 / 3, 2 / 3 + 1 / 3] }
output "rests" { value = [7 % 3, -7 % 3, 7 % -3, 7.5 % 2] }
output "negations" { value = [-(5), -(-5), -local.n, !true, !local.yes] }
output "texts" { value = ["${1.0}", "${0.5}", "${12345678901234567890}", "${-0.25}"] }
output "of_texts" { value = ["5" + 1, "0.5" * 2, tonumber("1e2"), tonumber("007")] }
output "compared" { value = [1 < 2, 2 <= 2, 3 > 4, 1.5 >= 1.5, "10" > 9, 1 == 1.0, 0.5 == 0.50] }
output "precedence" { value = [1 + 2 * 3, (1 + 2) * 3, 10 - 2 - 3, 2 * 3 % 4, -2 + 3, 8 / 2 / 2] }
output "functions" {
  value = [ceil(1.2), floor(1.8), abs(-4.5), max(1, 2.5, -3), min(4, 2), pow(2, 10), signum(-3), log(8, 2), parseint("ff", 16)]
}

locals {
  n   = 3
  yes = true
}
