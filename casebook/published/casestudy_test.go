package published
import ("testing";"strings")
func caseStudy(t *testing.T, b *strings.Builder) {}
