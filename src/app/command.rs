//! What a person can ask for. Closed set: adding one makes the compiler name
//! every place that must answer.

/// A request, however it was made: by key, by palette, by a plain line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Command {
    // Moving about.
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Top,
    Bottom,
    DetailUp,
    DetailDown,
    Copy,
    Open,
    Back,
    Filter,
    Palette,
    Help,
    GoHome,
    GoMap,
    GoFindings,
    GoMatrix,
    GoCauses,
    GoTimeline,
    GoPlans,
    GoJobs,
    GoReads,
    GoLogs,
    OpenLines,
    // Home.
    StartDrill,
    StartLive,
    Doctor,
    // The step in hand.
    GoOn,
    TakeStep,
    Answer,
    RunCheck,
    AllowHelpers,
    DoneByHand,
    Skip,
    Note,
    Observe,
    JudgeCause,
    Correct,
    // Containment.
    Rehearse,
    PlanAction,
    Approve,
    Refuse,
    Prove,
    Undo,
    LookNow,
    // The record.
    Export,
    NoteHead,
    Close,
    // The terminal.
    Redraw,
    Suspend,
    Quit,
}
