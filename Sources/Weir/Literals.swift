public import QuotaModel

extension Identifier: ExpressibleByStringLiteral {
    /// An id that stands in the code: `"acme"`.
    ///
    /// Text that comes from outside is checked by `try TenantID(text)` instead.
    /// - Precondition: 1 to 256 bytes without control characters.
    public init(stringLiteral text: String) {
        do throws(IdentifierError) {
            try self.init(text)
        } catch {
            preconditionFailure("an id in the code \(error)")
        }
    }
}

extension MeterID {
    /// Requests to the product's API.
    public static var apiCalls: MeterID { Meter.apiCalls.id }
    /// Tokens of language models, prompt and completion.
    public static var aiTokens: MeterID { Meter.aiTokens.id }
    /// Storage in gigabytes, an allocation.
    public static var storageGB: MeterID { Meter.storageGB.id }
    /// Seats, an allocation.
    public static var teamMembers: MeterID { Meter.teamMembers.id }
    /// Projects, an allocation.
    public static var projects: MeterID { Meter.projects.id }
}
