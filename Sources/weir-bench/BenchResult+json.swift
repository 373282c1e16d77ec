import Foundation

extension BenchResult: Encodable {
    private enum Key: String, CodingKey {
        case bench
        case value
        case unit
        case baseline
        case baselineValue = "baseline_value"
        case ratio
        case target
        case met
    }

    /// Every key is always there; null where there is nothing to say.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(bench, forKey: .bench)
        try container.encode(value, forKey: .value)
        try container.encode(unit, forKey: .unit)
        try container.encode(baseline?.name, forKey: .baseline)
        try container.encode(baseline?.value, forKey: .baselineValue)
        try container.encode(ratio, forKey: .ratio)
        try container.encode(target?.bound, forKey: .target)
        try container.encode(isMet, forKey: .met)
    }

    /// One line of JSON.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension BenchResult.Target {
    fileprivate var bound: Double {
        switch self {
        case .ratioAtLeast(let bound), .valueAtLeast(let bound), .valueAtMost(let bound): bound
        }
    }
}
