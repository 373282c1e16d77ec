import StrictJSON
import WeirClient

/// Shows objects of the API as tables.
enum MemberTable {
    /// A table with a row for each object.
    static func list(_ rows: [JSONValue], _ columns: [Column]) -> String {
        var table = TextTable(columns.map { ($0.title, $0.alignment) })
        for row in rows {
            table.add(columns.map { cell(row[$0.member], null: $0.null) })
        }
        return rows.isEmpty ? "none\n" : table.text
    }

    /// One object: a member on each line, and lists of objects as tables below.
    static func record(_ value: JSONValue) -> String {
        guard let members = value.objectValue?.members else {
            return value.isNull ? "done\n" : cell(value) + "\n"
        }
        let plain = members.filter { objects($0.value) == nil }
        let width = plain.map { SafeText.line($0.name).count }.max() ?? 0
        var text = ""
        for member in plain {
            let name = TextTable.padded(SafeText.line(member.name), to: width, .left)
            text += "\(name)  \(cell(member.value))\n"
        }
        for member in members {
            guard let rows = objects(member.value) else { continue }
            text += "\n\(SafeText.line(member.name)):\n" + list(rows, columns(of: rows))
        }
        return text
    }

    /// One value as it stands in a table.
    static func cell(_ value: JSONValue?, null: String = "-") -> String {
        switch value {
        case nil, .null: null
        case .string(let text): SafeText.line(text)
        case .bool(let isTrue): isTrue ? "yes" : "no"
        case .number(let number): number.literal
        case .array([]): "-"
        case .array(let values) where values.allSatisfy { $0.stringValue != nil }:
            values.map { cell($0) }.joined(separator: ", ")
        case let value?: String(decoding: SafeJSON.encoded(value), as: UTF8.self)
        }
    }

    /// The elements of a list that has nothing but objects.
    private static func objects(_ value: JSONValue) -> [JSONValue]? {
        guard let values = value.arrayValue, !values.isEmpty,
            values.allSatisfy({ $0.objectValue != nil })
        else { return nil }
        return values
    }

    /// A column for every member that any of the rows has, in the order of their appearance; of
    /// limits in use only what matters.
    private static func columns(of rows: [JSONValue]) -> [Column] {
        let areLimitsInUse = rows.allSatisfy { $0["id"] != nil && $0["used"] != nil }
        if areLimitsInUse { return DecisionText.limitColumns }
        var columns: [Column] = []
        for member in rows.flatMap({ $0.objectValue?.members ?? [] })
        where !columns.contains(where: { $0.member == member.name }) {
            let isNumber = rows.allSatisfy { row in
                row[member.name].map { $0.isNull || $0.numberValue != nil } ?? true
            }
            let title = SafeText.line(member.name)
            columns.append(
                isNumber
                    ? .number(member.name, title: title) : .text(member.name, title: title))
        }
        return columns
    }
}
