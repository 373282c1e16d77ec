internal import NIOCore

/// What the state of a connection knows of a call.
protocol PendingCall {
    /// Which call it is; several may share an id, and are then cancelled together.
    var id: UInt64 { get }
    /// When it is given up.
    var deadline: NIODeadline { get }
}
