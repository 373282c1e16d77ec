import Foundation
import QuotaEngine
import QuotaLedger
import QuotaModel

/// Values that stand in one column, as a JSON object that people can read.
enum StoredJSON {
    static func text(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }

    static func value<Value: Decodable>(_ text: String?, _ type: Value.Type) -> Value? {
        text.flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}

/// Local times of billing periods, as a column has them.
enum StoredBoundaries {
    static func text(_ boundaries: [LocalDateTime]) -> String? {
        boundaries.isEmpty ? nil : StoredJSON.text(boundaries.map(\.description))
    }

    static func value(_ text: String?) -> [LocalDateTime] {
        (StoredJSON.value(text, [String].self) ?? []).compactMap { LocalDateTime($0) }
    }
}

extension AccountTerms {
    /// Terms as a column has them; nil for none.
    init?(json: String?) {
        guard let stored = StoredJSON.value(json, StoredTerms.self) else { return nil }
        self = stored.terms
    }

    /// What a column has of them.
    var json: String? { StoredJSON.text(StoredTerms(self)) }
}

extension Rollover {
    /// A rollover as a column has it; nil for none.
    init?(json: String?) {
        guard let rollover = StoredJSON.value(json, StoredRollover.self)?.rollover else {
            return nil
        }
        self = rollover
    }

    /// What a column has of it.
    var json: String? { StoredJSON.text(StoredRollover(self)) }
}
