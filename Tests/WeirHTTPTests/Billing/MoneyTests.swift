import Testing
import WeirHTTP

@Suite("money as text")
struct MoneyTests {
    @Test(
        "billionths are written out, without zeros at the end",
        arguments: [
            (0, "0"), (1, "0.000000001"), (-1, "-0.000000001"), (150_000_000, "0.15"),
            (1_000_000_000, "1"), (-1_000_000_000, "-1"), (1_000_000_010, "1.00000001"),
            (-2_500_000_000, "-2.5"), (.max, "9223372036.854775807"),
            (.min, "-9223372036.854775808"),
        ] as [(Int64, String)])
    func text(nano: Int64, expected: String) {
        #expect(Money.text(nano: nano) == expected)
    }
}
