import WeirClient

/// A column of a table: which member of a row it shows, and how.
struct Column: Sendable {
    /// The member's name.
    var member: String
    var title: String
    var alignment: TextTable.Alignment
    /// What stands for null and for a member that is not there.
    var null: String

    /// A column of words.
    static func text(_ member: String, title: String? = nil, null: String = "-") -> Column {
        Column(
            member: member, title: title ?? Self.title(member), alignment: .left, null: null)
    }

    /// A column of numbers.
    static func number(_ member: String, title: String? = nil, null: String = "-") -> Column {
        Column(
            member: member, title: title ?? Self.title(member), alignment: .right, null: null)
    }

    private static func title(_ member: String) -> String {
        String(member.map { $0 == "_" ? " " : $0 })
    }
}
