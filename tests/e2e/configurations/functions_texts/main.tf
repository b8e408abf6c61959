locals {
  text = "Hello, Wörld"
}
output "format" { value = [format("%s-%d-%t-%v-%%", "a", 5, true, 1.5), format("%05.2f|%5s|%-5s|%q|%x", 3.14159, "a", "b", "q\"", 255), format("%03d", 7), format("%v", [1, "a"])] }
output "join" { value = [join(",", ["a", "b"]), join("", []), join("-", [1, true])] }
output "split" { value = [split(",", "a,b,c"), split(",", ""), split("", "abc"), split(", ", "10.0.0.0/8, 0.0.0.0/0")] }
output "replace" { value = [replace("a.b.c", ".", "-"), replace("abc123", "/[0-9]+/", "#"), replace("x", "", "-"), replace("a/b", "/", "_"), replace("ab", "/(a)(b)/", "$2$1")] }
output "cases" { value = [lower(local.text), upper(local.text), title("hello world")] }
output "trims" { value = [trimspace("  a\n"), trim("?!a!?", "!?"), trimprefix("prefix-a", "prefix-"), trimsuffix("a.tf", ".tf"), chomp("a\n\n")] }
output "substr" { value = [substr(local.text, 0, 5), substr(local.text, -5, -1), substr(local.text, 7, 100)] }
output "tests" { value = [startswith("abc", "ab"), endswith("abc", "bc"), strcontains("abc", "z"), startswith("a", "")] }
output "strrev" { value = strrev("abc") }
output "indent" { value = indent(2, "a\nb\n\nc") }
output "regex" { value = [regex("[a-z]+", "123abc"), regex("(\\d+)-(\\d+)", "1-2"), regexall("[0-9]", "a1b2"), regex("(?P<y>\\d+)", "a5")] }
output "base64" { value = [base64encode(local.text), base64decode("SGVsbG8=")] }
output "hashes" { value = [md5("a"), sha1("a"), sha256("a"), substr(sha512("a"), 0, 16), base64sha256("a")] }
output "urlencode" { value = urlencode("a b&c/ü") }
output "title" { value = title("already Here") }
output "unicode" { value = [length("日本"), upper("straße"), substr("日本語", 1, 1), strrev("añb")] }
