CREATE TABLE public.appointments (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  patient_id uuid NOT NULL REFERENCES public.patients(id) ON DELETE CASCADE,
  practitioner_id uuid NOT NULL REFERENCES public.practitioners(id),
  starts_at timestamptz NOT NULL,
  status text NOT NULL DEFAULT 'scheduled' CHECK (status IN ('scheduled','done','cancelled')),
  reason text
);
CREATE TABLE public.encounters (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  patient_id uuid NOT NULL REFERENCES public.patients(id) ON DELETE CASCADE,
  practitioner_id uuid NOT NULL REFERENCES public.practitioners(id),
  happened_at timestamptz NOT NULL DEFAULT now(),
  findings text NOT NULL,
  signed_at timestamptz
);
CREATE TABLE public.prescriptions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  encounter_id uuid NOT NULL REFERENCES public.encounters(id) ON DELETE CASCADE,
  patient_id uuid NOT NULL REFERENCES public.patients(id) ON DELETE CASCADE,
  prescribed_by uuid NOT NULL REFERENCES public.practitioners(id),
  drug text NOT NULL,
  dose text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE public.appointments ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.encounters ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.prescriptions ENABLE ROW LEVEL SECURITY;

CREATE POLICY appointments_select ON public.appointments FOR SELECT TO authenticated
  USING (private.is_me(patient_id) OR practitioner_id = private.my_practitioner_id());
CREATE POLICY appointments_insert ON public.appointments FOR INSERT TO authenticated
  WITH CHECK (practitioner_id = private.my_practitioner_id() AND private.cares_for(patient_id));
CREATE POLICY appointments_update ON public.appointments FOR UPDATE TO authenticated
  USING (practitioner_id = private.my_practitioner_id())
  WITH CHECK (practitioner_id = private.my_practitioner_id() AND private.cares_for(patient_id));

CREATE POLICY encounters_select ON public.encounters FOR SELECT TO authenticated
  USING (private.is_me(patient_id) OR private.cares_for(patient_id));
CREATE POLICY encounters_insert ON public.encounters FOR INSERT TO authenticated
  WITH CHECK (practitioner_id = private.my_practitioner_id() AND private.cares_for(patient_id) AND signed_at IS NULL);
-- a signed encounter is never changed again
CREATE POLICY encounters_update ON public.encounters FOR UPDATE TO authenticated
  USING (practitioner_id = private.my_practitioner_id() AND private.cares_for(patient_id) AND signed_at IS NULL)
  WITH CHECK (practitioner_id = private.my_practitioner_id() AND private.cares_for(patient_id));

CREATE POLICY prescriptions_select ON public.prescriptions FOR SELECT TO authenticated
  USING (private.is_me(patient_id) OR private.cares_for(patient_id));
CREATE POLICY prescriptions_insert ON public.prescriptions FOR INSERT TO authenticated
  WITH CHECK (
    prescribed_by = private.my_practitioner_id()
    AND private.cares_for(patient_id)
    AND EXISTS (
      SELECT 1 FROM public.encounters e
      WHERE e.id = prescriptions.encounter_id
        AND e.patient_id = prescriptions.patient_id
        AND e.practitioner_id = private.my_practitioner_id()
    )
  );
