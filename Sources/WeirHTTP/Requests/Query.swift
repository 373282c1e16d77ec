import Crypto
import Foundation
import HTTPTypes
import QuotaModel

/// The parameters of a URL, decoded; a plus sign is a space, as forms write it.
struct Query {
    private let path: String
    private var values: [String: String] = [:]
    private var known: Set<String> = []

    init(_ text: String?, path: String) throws(Problem) {
        self.path = path
        for part in (text ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(pair[0], plusIsSpace: true),
                let value = PercentEncoding.decode(pair.count > 1 ? pair[1] : "", plusIsSpace: true)
            else { throw Problem(.badRequest, "the query is not valid percent-encoded UTF-8") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalidQuery(name, "comes twice")
            }
        }
    }

    mutating func string(_ name: String) -> String? {
        known.insert(name)
        return values[name]
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = string(name) else { return nil }
        guard let value = Int(text), String(value) == text, range.contains(value) else {
            throw .invalidQuery(
                name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    mutating func identifier<Subject>(
        _ name: String,
        _ type: Identifier<Subject>.Type
    ) throws(Problem) -> Identifier<Subject>? {
        guard let text = string(name) else { return nil }
        do {
            return try Identifier<Subject>(text)
        } catch {
            throw .invalidQuery(name, error.description)
        }
    }

    mutating func date(_ name: String) throws(Problem) -> CivilDate? {
        guard let text = string(name) else { return nil }
        guard let date = CivilDate(text), (1970...2261).contains(date.year) else {
            throw .invalidQuery(name, "must be a date from 1970 to 2261 such as 2026-04-09")
        }
        return date
    }

    /// An instant, or a date, which stands for its first instant, or for the end of the day.
    mutating func instant(_ name: String, endOfDay: Bool) throws(Problem) -> Timestamp? {
        guard let text = string(name) else { return nil }
        if let instant = Timestamp(text) { return instant }
        guard let date = CivilDate(text), (1970...2261).contains(date.year) else {
            throw .invalidQuery(
                name,
                "must be a date such as 2026-04-09 or an instant such as "
                    + "2026-04-09T10:00:00Z")
        }
        return CivilDate(daysSinceEpoch: date.daysSinceEpoch + (endOfDay ? 1 : 0)).startUTC
    }

    /// One of the raw values of an enumeration.
    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String,
        _ type: Value.Type
    ) throws(Problem) -> Value? where Value.RawValue == String {
        guard let text = string(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidQuery(name, "must be one of \(names)")
        }
        return value
    }

    /// `true` or `false`.
    mutating func bool(_ name: String) throws(Problem) -> Bool? {
        guard let text = string(name) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default: throw .invalidQuery(name, "must be true or false")
        }
    }

    /// The place where a list goes on: a cursor that the same list gave.
    mutating func cursor(_ name: String) throws(Problem) -> String? {
        guard let text = string(name) else { return nil }
        guard let place = Cursor.decode(text, list: list) else {
            throw .invalidQuery(name, "is not a cursor that this list answered")
        }
        return place
    }

    /// A mark of the list that is asked for, whichever part of it.
    var list: String {
        let filters = values.filter { !["cursor", "limit", "offset"].contains($0.key) }
            .sorted { $0.key < $1.key }
        let text = filters.reduce(path) { "\($0)\n\($1.key)\n\($1.value)" }
        return SHA256.hash(data: Data(text.utf8)).prefix(4).map { String($0, radix: 36) }.joined()
    }

    /// Refuses parameters that were never asked for; call it last.
    func finish() throws(Problem) {
        for name in values.keys.sorted() where !known.contains(name) {
            let names = known.sorted().joined(separator: ", ")
            throw .invalidQuery(
                String(name.prefix(64)),
                known.isEmpty ? "is unknown" : "is unknown; known are: \(names)")
        }
    }
}
