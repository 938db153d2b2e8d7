//! Black box: the system through its doors.
