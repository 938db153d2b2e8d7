//! Sets the triggers of a system to work.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::StartError;
use super::foundation::Foundation;
use super::services::Services;
use crate::dynamodb::DynamoDb;
use crate::template::{StreamTrigger, Template};
use crate::triggers::backlog::Backlog;
use crate::triggers::queues::{self, Queue};
use crate::triggers::{schedules, streams};

/// What sets functions going besides requests.
pub(super) struct Triggers<'a> {
    pub(super) template: &'a Template,
    pub(super) foundation: &'a Foundation,
    pub(super) services: &'a Services,
    pub(super) directory: Option<&'a Path>,
}

impl Triggers<'_> {
    /// Starts all of them, until `stop`. What they have not brought to functions yet shows in the backlog.
    pub(super) fn start(
        &self,
        tasks: &mut JoinSet<()>,
        stop: &watch::Receiver<bool>,
    ) -> Result<Backlog, StartError> {
        let mut backlog = Backlog::default();
        for id in self.services.lambda.ids() {
            let deployed = self.services.lambda.function(id);
            backlog
                .queues
                .extend(deployed.map(|deployed| Arc::clone(&deployed.later)));
            tasks.spawn(Arc::clone(&self.services.lambda).run_later(id.to_owned(), stop.clone()));
        }
        for trigger in &self.template.queue_triggers {
            let queue = self.queue(&trigger.function, &trigger.queue)?;
            self.require(&trigger.function, &queues::READ_ACTIONS, &trigger.queue)?;
            backlog.queues.push(Arc::clone(&queue));
            tasks.spawn(queues::run(
                trigger.clone(),
                queue,
                Arc::clone(&self.services.lambda),
                stop.clone(),
            ));
        }
        for schedule in &self.template.schedules {
            let (clock, lambda) = (
                Arc::clone(&self.foundation.clock),
                Arc::clone(&self.services.lambda),
            );
            tasks.spawn(schedules::run(schedule.clone(), clock, lambda, stop.clone()));
        }
        let written = announce_writes(&self.services.database, tasks, stop.clone());
        for trigger in &self.template.stream_triggers {
            let mapping = self.stream(trigger)?;
            backlog.streams.push(mapping.progress());
            tasks.spawn(mapping.run(written.clone(), stop.clone()));
        }
        Ok(backlog)
    }

    fn stream(&self, trigger: &StreamTrigger) -> Result<streams::Mapping, StartError> {
        let function = &trigger.function;
        self.require(function, &streams::READ_ACTIONS, &trigger.stream)?;
        let on_failure = match &trigger.on_failure {
            None => None,
            Some(queue) => {
                self.require(function, &["sqs:SendMessage"], queue)?;
                Some(self.queue(function, queue)?)
            }
        };
        let directory = self.directory.map(|directory| directory.join("streams"));
        streams::Mapping::open(
            trigger.clone(),
            self.services.database.database().clone(),
            Arc::clone(&self.services.lambda),
            Arc::clone(&self.foundation.clock),
            on_failure,
            directory.as_deref(),
        )
        .map_err(|error| StartError::Trigger {
            function: function.clone(),
            problem: error.to_string(),
        })
    }

    fn queue(&self, function: &str, arn: &str) -> Result<Arc<Queue>, StartError> {
        self.services
            .queues
            .get(arn)
            .cloned()
            .ok_or_else(|| StartError::Trigger {
                function: function.to_owned(),
                problem: format!("the queue {arn} is not in the template"),
            })
    }

    /// AWS makes no trigger for a function whose role does not allow what Lambda does in its name.
    fn require(&self, function: &str, actions: &[&str], resource: &str) -> Result<(), StartError> {
        match actions
            .iter()
            .find(|action| !self.services.lambda.may(function, action, resource))
        {
            None => Ok(()),
            Some(action) => Err(StartError::Trigger {
                function: function.to_owned(),
                problem: format!("its role does not allow {action} on {resource}"),
            }),
        }
    }
}

/// Tells every reader of the stream of each write.
fn announce_writes(
    database: &DynamoDb,
    tasks: &mut JoinSet<()>,
    mut stop: watch::Receiver<bool>,
) -> watch::Receiver<()> {
    let (announce, announced) = watch::channel(());
    let written = database.written();
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = written.notified() => announce.send_replace(()),
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    });
    announced
}
