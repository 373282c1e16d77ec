/// The members that an object may have, for a ``JSONReader``: an enumeration of at most 64 cases,
/// numbered from 0, the common ones first.
public protocol JSONMemberName: RawRepresentable where RawValue == Int {
    /// The name: ASCII without quotes, backslashes and control characters.
    var name: StaticString { get }
}
