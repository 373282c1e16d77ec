/// What an override does to a limit, for those who are decided about.
///
/// Who set it and why is for administrators, and not in here.
public struct OverrideNote: Hashable, Sendable {
    /// What the plan gives; nil where it sets no bound.
    public let planned: Int64?
    /// When the plan's limit holds again; nil for never.
    public let until: Timestamp?

    /// Creates a note.
    public init(planned: Int64?, until: Timestamp?) {
        self.planned = planned
        self.until = until
    }
}
