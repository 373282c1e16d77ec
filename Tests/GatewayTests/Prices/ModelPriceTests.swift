import Gateway
import QuotaModel
import QuotaTesting
import Testing

@Suite("prices")
struct ModelPriceTests {
    @Test(
        "a decimal price per million tokens becomes an integer per token",
        arguments: [
            ("0", 0), ("0.15", 150_000), ("0.075", 75_000), ("0.60", 600_000), ("1", 1_000_000),
            ("15.00", 15_000_000), ("0.000001", 1), ("007.5", 7_500_000),
            ("1000000000", 1_000_000_000_000_000), ("1000000000.000000", 1_000_000_000_000_000),
        ] as [(String, Int64)])
    func parses(text: String, expected: Int64) throws {
        #expect(try ModelPrice.perToken(perMillion: text) == expected)
    }

    @Test(
        "what is no plain decimal number, too fine or too high is refused",
        arguments: [
            ("", "decimal"), (" 1", "decimal"), ("1 ", "decimal"), ("-1", "decimal"),
            ("+1", "decimal"), ("1e3", "decimal"), ("1E3", "decimal"), ("NaN", "decimal"),
            ("inf", "decimal"), (".5", "decimal"), ("5.", "decimal"), ("1.2.3", "decimal"),
            ("1,5", "decimal"), ("1_000", "decimal"), ("0x10", "decimal"), ("\u{0661}", "decimal"),
            (".", "decimal"), ("0.0000001", "places"), ("0.1500000", "places"),
            ("1000000000.000001", "at most"), ("1000000001", "at most"),
            ("9223372036854775808", "at most"), (String(repeating: "9", count: 400), "at most"),
        ])
    func refuses(text: String, word: String) {
        let error = #expect(throws: PriceError.self) {
            try ModelPrice.perToken(perMillion: text)
        }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "none")")
    }

    @Test(
        "a currency is three capital letters",
        arguments: ["", "usd", "US", "USDT", "U D", "\u{20AC}", "US1"])
    func currency(text: String) {
        #expect(throws: PriceError.self) { try ModelPrice(currency: text, input: 1, output: 1) }
    }

    @Test("a price per token out of range is refused")
    func range() throws {
        for bad in [-1, .min, ModelPrice.highestPerToken + 1, .max] {
            #expect(throws: PriceError.self) {
                try ModelPrice(currency: "USD", input: bad, output: 1)
            }
            #expect(throws: PriceError.self) {
                try ModelPrice(currency: "USD", input: 1, output: 1, reasoning: bad)
            }
        }
    }

    @Test("cached and reasoning tokens cost what the others cost, unless they have a price")
    func defaults() throws {
        let plain = try ModelPrice(currency: "USD", input: 3, output: 7)
        #expect(plain.cachedInput == 3 && plain.reasoning == 7)
        let full = try ModelPrice(
            currency: "NGN", input: 3, cachedInput: 1, output: 7, reasoning: 9)
        #expect(full.cachedInput == 1 && full.reasoning == 9)
    }

    @Test("a bill by hand comes out")
    func byHand() throws {
        let price = try ModelPrice(
            currency: "USD", input: 150_000, cachedInput: 75_000, output: 600_000)
        // 1,000 × 0.15 + 500 × 0.075 + 200 × 0.60, per million: 0.0003075 dollars.
        let tokens = TokenCounts(input: 1_500, cachedInput: 500, output: 200, reasoning: 50)
        #expect(price.cost(of: tokens) == 307_500)
        #expect(ModelPricing.priced(price).cost(of: tokens) == 307_500)
        #expect(ModelPricing.free.cost(of: tokens) == 0)
    }

    @Test(
        "a cost is rounded once, half to even",
        arguments: [
            (499, 0), (500, 0), (501, 1), (1_499, 1), (1_500, 2), (2_500, 2), (2_501, 3),
            (3_500, 4),
        ] as [(Int64, Int64)])
    func rounding(parts: Int64, expected: Int64) throws {
        let price = try ModelPrice(currency: "USD", input: parts, output: 0)
        #expect(price.cost(of: TokenCounts(input: 1, output: 0)) == expected)
        // Two halves of it are rounded together.
        let halves = try ModelPrice(currency: "USD", input: parts / 2, output: parts - parts / 2)
        #expect(halves.cost(of: TokenCounts(input: 1, output: 1)) == expected)
    }

    @Test("no count traps, and the largest cost is the largest amount")
    func extremes() throws {
        let high = ModelPrice.highestPerToken
        let price = try ModelPrice(currency: "USD", input: high, output: high)
        #expect(price.cost(of: TokenCounts(input: .max, output: .max)) == Amount.maximum)
        let all = TokenCounts(input: .max, cachedInput: .max, output: .max, reasoning: .max)
        #expect(price.cost(of: all) == Amount.maximum)
        let none = TokenCounts(input: .min, cachedInput: .min, output: .min, reasoning: .min)
        #expect(price.cost(of: none) == 0)
    }

    @Test("a part that is reported larger than its whole is the whole")
    func contradictions() throws {
        let price = try ModelPrice(
            currency: "USD", input: 5_000, cachedInput: 1_000, output: 7_000, reasoning: 2_000)
        let tokens = TokenCounts(input: 10, cachedInput: 11, output: 3, reasoning: 4)
        #expect(price.cost(of: tokens) == 10 * 1 + 3 * 2)
        let negative = TokenCounts(input: 10, cachedInput: -5, output: 3, reasoning: -1)
        #expect(price.cost(of: negative) == 10 * 5 + 3 * 7)
    }

    @Test("random bills agree with sums of decimal digits on paper", arguments: 1...20)
    func oracle(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<200 {
            let prices = (0..<4).map { _ in skewed(ModelPrice.highestPerToken, &random) }
            let price = try ModelPrice(
                currency: "EUR", input: prices[0], cachedInput: prices[1], output: prices[2],
                reasoning: prices[3])
            let input = skewed(1_000_000_000, &random)
            let cached = Int64.random(in: 0...input, using: &random)
            let output = skewed(1_000_000_000, &random)
            let reasoning = Int64.random(in: 0...output, using: &random)
            let tokens = TokenCounts(
                input: input, cachedInput: cached, output: output, reasoning: reasoning)
            let counts = [input - cached, cached, output - reasoning, reasoning]
            let sum = zip(counts, prices)
                .reduce(PaperNumber()) { $0 + PaperNumber($1.0) * PaperNumber($1.1) }
            #expect(price.cost(of: tokens) == sum.thousandths, "\(random) \(price) \(tokens)")
        }
    }

    /// A number of any size, small ones as often as large ones.
    private func skewed(_ most: Int64, _ random: inout SeededRandom) -> Int64 {
        let bits = Int64.random(in: 0...62, using: &random)
        return Int64.random(in: 0...min(most, 1 << bits), using: &random)
    }
}

/// A number as it is written on paper: decimal digits, the ones first.
private struct PaperNumber {
    private var digits: [Int] = []

    init() {}

    init(_ number: Int64) {
        digits = String(number).reversed().compactMap(\.wholeNumberValue)
    }

    static func + (left: Self, right: Self) -> Self {
        var sum = Self()
        var carry = 0
        for place in 0..<max(left.digits.count, right.digits.count) + 1 {
            let digit = left.digit(place) + right.digit(place) + carry
            sum.digits.append(digit % 10)
            carry = digit / 10
        }
        return sum
    }

    static func * (left: Self, right: Self) -> Self {
        var product = Self()
        for (place, digit) in left.digits.enumerated() {
            var row = right
            row.digits.insert(contentsOf: Array(repeating: 0, count: place), at: 0)
            for _ in 0..<digit { product = product + row }
        }
        return product
    }

    private func digit(_ place: Int) -> Int { place < digits.count ? digits[place] : 0 }

    /// A thousandth, half to even, at most the largest amount.
    var thousandths: Int64 {
        var whole = Self()
        whole.digits = Array(digits.dropFirst(3))
        let rest = digit(2) * 100 + digit(1) * 10 + digit(0)
        if rest > 500 || (rest == 500 && digit(3) % 2 == 1) { whole = whole + Self(1) }
        let text = String(whole.digits.reversed().map { Character(String($0)) })
        let number = text.drop { $0 == "0" }
        guard number.count <= 18 else { return Amount.maximum }
        return min(Int64(number) ?? 0, Amount.maximum)
    }
}
