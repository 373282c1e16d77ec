/// One page of what all tenants used on a date: `GET /api/admin/quota/usage`.
struct DailyUsageAnswer: Decodable, Sendable {
    /// A count of units, or the word `EXCEEDED` in its place.
    enum Value: Decodable, Equatable, Sendable {
        case units(Int64)
        case exceeded

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let units = try? container.decode(Int64.self) {
                self = .units(units)
                return
            }
            guard try container.decode(String.self) == "EXCEEDED" else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "neither a number nor EXCEEDED")
            }
            self = .exceeded
        }
    }

    var tenants: [String: Value]
    var nextOffset: Int?

    enum CodingKeys: String, CodingKey {
        case tenants
        case nextOffset = "next_offset"
        case statistics
    }

    private struct Statistics: Decodable {
        var nextOffset: Int?

        enum CodingKeys: String, CodingKey {
            case nextOffset = "next_offset"
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        tenants = try container.decode([String: Value].self, forKey: .tenants)
        let statistics = try container.decodeIfPresent(Statistics.self, forKey: .statistics)
        nextOffset =
            try container.decodeIfPresent(Int.self, forKey: .nextOffset) ?? statistics?.nextOffset
    }
}
