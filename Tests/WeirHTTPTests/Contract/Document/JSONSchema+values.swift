import QuotaModel
import StrictJSON

extension JSONSchema {
    /// What is wrong with a value by itself; a keyword that is not known is wrong as well.
    static func violation(of value: JSONValue, by keyword: JSONObject.Member) -> String? {
        let wanted = keyword.value
        switch keyword.name {
        case "type":
            let types = wanted.arrayValue ?? [wanted]
            let isOne = types.contains { isOf($0.stringValue ?? "", value) }
            return isOne ? nil : "must be \(wanted), not \(value.kindDescription)"
        case "enum":
            return wanted.arrayValue?.contains(value) == true ? nil : "must be one of \(wanted)"
        case "const":
            return value == wanted ? nil : "must be \(wanted), not \(value)"
        case "minLength", "maxLength", "pattern", "format":
            guard let text = value.stringValue else { return nil }
            return violation(of: text, by: keyword)
        case "minimum", "maximum":
            guard let number = value.numberValue else { return nil }
            guard let bound = wanted.numberValue else { return "has no \(keyword.name)" }
            let isWithin =
                keyword.name == "minimum" ? !isLess(number, bound) : !isLess(bound, number)
            return isWithin ? nil : "is \(value), and the \(keyword.name) is \(wanted)"
        default:
            return "can't be checked: the keyword \"\(keyword.name)\" is unknown"
        }
    }

    private static func violation(
        of text: String,
        by keyword: JSONObject.Member
    ) -> String? {
        let count = Int64(text.unicodeScalars.count)
        switch keyword.name {
        case "minLength":
            return count >= keyword.value.integerValue ?? .max ? nil : "is too short"
        case "maxLength":
            return count <= keyword.value.integerValue ?? .min ? nil : "is too long"
        case "pattern":
            let pattern = keyword.value.stringValue ?? ""
            guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar) else {
                return "can't be checked: \(pattern) is no pattern"
            }
            return text.contains(regex) ? nil : "is \"\(text)\", which is not \(pattern)"
        default:
            return isOf(format: keyword.value.stringValue ?? "", text)
                ? nil : "is \"\(text)\", and must be a \(keyword.value)"
        }
    }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch type {
        case "null": value.isNull
        case "boolean": value.boolValue != nil
        case "integer": value.integerValue != nil
        case "number": value.numberValue != nil
        case "string": value.stringValue != nil
        case "array": value.arrayValue != nil
        case "object": value.objectValue != nil
        default: false
        }
    }

    /// Instants are UTC, as the API promises.
    private static func isOf(format: String, _ text: String) -> Bool {
        switch format {
        case "date": CivilDate(text) != nil
        case "date-time": Timestamp(text) != nil && text.hasSuffix("Z")
        case "uri": text.contains(":") && !text.contains(" ")
        default: false
        }
    }

    private static func isLess(_ left: JSONNumber, _ right: JSONNumber) -> Bool {
        if let left = left.integer, let right = right.integer { return left < right }
        guard let left = left.double, let right = right.double else { return true }
        return left < right
    }
}
