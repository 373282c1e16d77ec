/// What the server says a tenant used: `GET /api/v1/usage`.
struct UsageAnswer: Decodable, Sendable {
    struct Limit: Decodable, Sendable {
        var id: String
        var meter: String
        var scope: String
        var window: String
        var used: Int64
        var held: Int64
        var suspect: Int64
    }

    var tenant: String
    var limits: [Limit]
}
