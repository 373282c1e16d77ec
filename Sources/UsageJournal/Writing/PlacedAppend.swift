/// What became of a record that has to lie in one segment.
enum PlacedAppend {
    /// It is written; the position of its end.
    case written(JournalPosition)
    /// Nothing is written: the stream goes on in a later segment.
    case moved
    /// Nothing is written: the segment is full, and the next one has to be made.
    case needsSpare
}
