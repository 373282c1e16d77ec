import Gateway
import QuotaModel
import Testing

@Suite("a table of prices")
struct PriceTableTests {
    private func entry(
        _ model: String,
        backend: Int? = nil,
        input: Int64 = 1,
        output: Int64 = 2,
        currency: String = "USD"
    ) throws -> PriceTable.Entry {
        PriceTable.Entry(
            model: try ModelName(model), backend: backend,
            pricing: .priced(try ModelPrice(currency: currency, input: input, output: output)))
    }

    @Test("its version is known, so that it never changes unnoticed")
    func known() throws {
        #expect(PriceTable([]).version == "cbf29ce484222325")
        #expect(PriceTable([try entry("small")]).version == "ecf2596ab0609dc8")
    }

    @Test("its version does not depend on the order of the entries")
    func order() throws {
        let entries = try [entry("a"), entry("b"), entry("b", backend: 1), entry("b", backend: 0)]
        let versions = Set([entries, entries.reversed()].map { PriceTable($0) })
        #expect(versions.count == 1)
        #expect(PriceTable(entries).entries.map(\.backend) == [nil, nil, 0, 1])
    }

    @Test("whatever is different in a price makes another version")
    func differences() throws {
        let tables = try [
            [entry("a")], [entry("b")], [entry("a", backend: 0)], [entry("a", backend: 1)],
            [entry("a", input: 2)], [entry("a", output: 1)], [entry("a", currency: "EUR")],
            [entry("a"), entry("b")], [entry("a - USD 1 1 2 2")],
            [PriceTable.Entry(model: try ModelName("a1"), pricing: .free)],
            [PriceTable.Entry(model: try ModelName("a"), pricing: .free)], [],
        ]
        .map { PriceTable($0).version }
        #expect(Set(tables).count == tables.count)
        #expect(tables.allSatisfy { $0.count == 16 })
    }
}
